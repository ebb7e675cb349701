import type { OptionTable } from "./spec.ts";

/** Where the server listens, what it stores, and the bounds of its connections. */
export const SERVER_OPTIONS = {
  "data.dir": { kind: "text", form: "path", default: "./data", about: "Directory of everything that is stored." },

  "log.storage": {
    kind: "choice",
    default: "sqlite",
    choices: ["sqlite", "memory"],
    about: "Where messages are kept without log.url: in a file of data.dir, or only in memory.",
  },
  "log.maxBytes": {
    kind: "size",
    default: "10GB",
    min: "1MB",
    max: "1024TB",
    about: "Largest size of the log; the oldest messages go first.",
  },
  "log.commitDelay": {
    kind: "duration",
    // All that arrived in one turn is one transaction already; waiting longer pays only with durability `power`.
    default: "0",
    min: "0",
    max: "1s",
    about: "Appends wait this long to share one transaction; 0 gathers those of one turn.",
  },
  "log.checkpoint": {
    kind: "size",
    default: "16MB",
    min: "64KB",
    max: "4GB",
    about: "Size of the write-ahead file at which it is merged into the database.",
  },
  "log.queueMessages": {
    kind: "integer",
    default: 100_000,
    min: 100,
    max: 10_000_000,
    unit: "messages",
    about: "Waiting appends; low priority is refused at 50 %, normal at 80 %, high at 100 % of it.",
  },
  "log.queueBytes": {
    kind: "size",
    default: "64MB",
    min: "64KB",
    max: "64GB",
    about: "Bytes of waiting appends, with the same shares.",
  },

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

  "connections.max": {
    kind: "integer",
    default: 200_000,
    min: 1,
    max: 10_000_000,
    unit: "connections",
    about: "Connections of this server.",
  },
  "connections.perUser": {
    kind: "integer",
    default: 100,
    min: 0,
    max: 10_000_000,
    unit: "connections",
    about: "Connections of one user; 0 for no limit.",
  },
  "connections.perAddress": {
    kind: "integer",
    // Whole companies and mobile networks share one address.
    default: 0,
    min: 0,
    max: 10_000_000,
    unit: "connections",
    about: "Connections from one address; 0 for no limit.",
  },
  "connections.acceptRate": {
    kind: "integer",
    default: 5000,
    min: 0,
    max: 1_000_000,
    unit: "connections/s",
    about: "New connections each second, what a reconnect storm is slowed down to; 0 for no limit.",
  },
  "connections.acceptBurst": {
    kind: "integer",
    default: 10_000,
    min: 1,
    max: 10_000_000,
    unit: "connections",
    about: "New connections at once above that rate.",
  },
  "connections.connectTimeout": {
    kind: "duration",
    default: "10s",
    min: "100ms",
    max: "10m",
    about: "A connection without a connect command after this time is closed.",
  },
  "connections.maxSubscriptions": {
    kind: "integer",
    default: 1000,
    min: 1,
    max: 1_000_000,
    unit: "subscriptions",
    about: "Subscriptions of one connection.",
  },
  "connections.publishRate": {
    kind: "integer",
    default: 10_000,
    min: 0,
    max: 10_000_000,
    unit: "messages/s",
    about: "Messages that one connection may publish each second; 0 for no limit.",
  },
  "connections.publishBurst": {
    kind: "integer",
    default: 20_000,
    min: 1,
    max: 10_000_000,
    unit: "messages",
    about: "Messages at once above that rate.",
  },

  "drain.deadline": {
    kind: "duration",
    // Kubernetes kills after 30 s by default; its stop signal comes first.
    default: "30s",
    min: "0",
    max: "1h",
    about: "The server has ended this long after it was told to stop.",
  },
  "drain.delay": {
    kind: "duration",
    default: undefined,
    derived: "2s with log.url, else 0",
    min: "0",
    max: "10m",
    about: "A stopping server still takes clients for this long, until balancers have seen that it is not ready.",
  },
  "drain.spread": {
    kind: "duration",
    default: "10s",
    min: "0",
    max: "1h",
    about: "Clients of a stopping server come back at random moments of this time.",
  },
  "drain.rate": {
    kind: "integer",
    default: 5000,
    min: 1,
    max: 1_000_000,
    unit: "connections/s",
    about: "Connections closed each second while stopping.",
  },

  "delivery.maxDelay": {
    kind: "duration",
    default: "5ms",
    min: "0",
    max: "1s",
    about: "Longest time that a busy server gathers pushes before it sends them.",
  },

  "observe.logLevel": {
    kind: "choice",
    default: "info",
    choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    about: "Least severe log line that is written.",
  },
  "observe.logPretty": { kind: "boolean", default: false, about: "Log lines for people instead of JSON." },
  "observe.metrics": { kind: "boolean", default: true, about: "Serve /metrics for Prometheus." },

  strictNamespaces: {
    kind: "boolean",
    default: false,
    about: "Refuse topics whose namespace is not listed; else such a namespace has the defaults.",
  },
} as const satisfies OptionTable;
