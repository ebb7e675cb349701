import type { OptionTable } from "./spec.ts";

/** Where it listens for HTTP and WebSocket, what it takes there, and when a quiet connection counts as dead. */
export const HTTP_OPTIONS = {
  "http.host": {
    kind: "text",
    form: "address",
    // Nothing is open to others before somebody decides so.
    default: "127.0.0.1",
    about: "Address to listen on; one that is not loopback needs authentication.",
  },
  "http.port": { kind: "integer", default: 8080, min: 0, max: 65_535, about: "Port to listen on; 0 takes a free one." },
  "http.maxBody": { kind: "size", default: "1MB", min: "1KB", max: "1GB", about: "Largest body of a request." },
  "http.allowedOrigins": {
    kind: "list",
    items: "origin",
    default: [],
    about: "Web pages that may connect, besides those of this server and of loopback; * for all.",
  },
  "http.tls.cert": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Certificate chain (PEM); with http.tls.key.",
  },
  "http.tls.key": { kind: "text", form: "path", default: undefined, about: "Private key of the certificate (PEM)." },
  "http.tls.ca": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Authorities (PEM) of client certificates; set, every client must show one.",
  },
  "http.trustProxy": {
    kind: "boolean",
    default: false,
    about: "Take the client's address from X-Forwarded-For: only behind a proxy that sets it.",
  },

  "websocket.maxFrame": {
    kind: "size",
    // Four messages of the largest default payload, or a full frame of small commands.
    default: "256KB",
    min: "1KB",
    max: "64MB",
    about: "Largest frame that a client may send.",
  },
  "websocket.compression": {
    kind: "boolean",
    // Costs tens of KB for each connection and a deflate for each receiver.
    default: false,
    about: "Offer permessage-deflate.",
  },
  "websocket.maxBuffered": {
    kind: "size",
    default: "1MB",
    min: "16KB",
    max: "1GB",
    about: "Bytes waiting for one slow connection before its namespace's slowConsumer policy acts.",
  },

  "heartbeat.interval": {
    kind: "duration",
    // Below the 30 s after which the shortest-lived proxies and mobile networks forget a quiet connection.
    default: "25s",
    min: "100ms",
    max: "1h",
    about: "A connection that is quiet for this long is asked for a sign of life.",
  },
  "heartbeat.timeout": {
    kind: "duration",
    default: "10s",
    min: "100ms",
    max: "1h",
    about: "Time for the sign of life; then the connection is closed.",
  },
} as const satisfies OptionTable;
