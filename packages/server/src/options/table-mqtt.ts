import type { OptionTable } from "./spec.ts";

/** MQTT over TCP and TLS, and the bounds of its clients. Over WebSocket it is on the port of HTTP. */
export const MQTT_OPTIONS = {
  "mqtt.enabled": { kind: "boolean", default: true, about: "Take MQTT clients, over TCP and over WebSocket." },
  "mqtt.host": {
    kind: "text",
    form: "address",
    default: undefined,
    derived: "http.host",
    about: "Address to listen on; one that is not loopback needs authentication.",
  },
  "mqtt.port": {
    kind: "integer",
    default: 1883,
    min: 0,
    max: 65_535,
    about: "Port of MQTT over TCP; 0 takes a free one.",
  },
  "mqtt.required": {
    kind: "boolean",
    // A developer's machine often has a broker already; a deployment says what it depends on.
    default: false,
    about: "End with an error if a port of MQTT is taken; else there is a warning and no MQTT on that port.",
  },
  "mqtt.tls.port": {
    kind: "integer",
    default: 8883,
    min: 0,
    max: 65_535,
    about: "Port of MQTT over TLS; 0 takes a free one.",
  },
  "mqtt.tls.cert": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Certificate chain (PEM); with mqtt.tls.key it opens the port for TLS.",
  },
  "mqtt.tls.key": { kind: "text", form: "path", default: undefined, about: "Private key of the certificate (PEM)." },
  "mqtt.tls.ca": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Authorities (PEM) of client certificates; set, every client must show one.",
  },
  "mqtt.maxPacket": { kind: "size", default: "1MB", min: "128B", max: "256MB", about: "Largest packet of a client." },
  "mqtt.maxInflight": {
    kind: "integer",
    default: 100,
    min: 1,
    max: 60_000,
    unit: "messages",
    about: "Messages of QoS 1 and 2 under way to one client, and from one that speaks MQTT 5.",
  },
  "mqtt.maxTopicAliases": {
    kind: "integer",
    default: 32,
    min: 0,
    max: 65_535,
    unit: "aliases",
    about: "Topic aliases of one client, each way.",
  },
  "mqtt.maxSessionExpiry": {
    kind: "duration",
    default: "7d",
    min: "0",
    max: "3650d",
    about: "Longest time that a session is kept for a client that is away.",
  },
  "mqtt.maxSessions": {
    kind: "integer",
    default: 1_000_000,
    min: 0,
    max: 100_000_000,
    unit: "sessions",
    about:
      "Sessions that are kept beyond their connections, of the whole cluster; who wants one more is refused. 0 for no bound.",
  },
  "mqtt.maxKeepAlive": {
    kind: "duration",
    default: "0",
    min: "0",
    max: "18h",
    about: "Longest keep alive: a client that asks for more, or for none, has this one; 0 for no bound.",
  },
  "mqtt.sysInterval": {
    kind: "duration",
    default: "10s",
    min: "0",
    max: "1h",
    about: "Time between two looks at the figures of $SYS/broker, which are published when they changed; 0: never.",
  },
  "mqtt.serverReference": {
    kind: "text",
    default: undefined,
    about: "Where MQTT 5 clients are told to go when this server stops: host:port.",
  },
} as const satisfies OptionTable;
