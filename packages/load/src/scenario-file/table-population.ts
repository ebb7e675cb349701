import type { FieldTable } from "./spec.ts";

export const PROTOCOLS = ["tidegate", "websocket", "mqtt", "sse", "http-publish"] as const;

const TOPIC = "Its name; {room} is the number of the room from 0, {client} that of the client in its population.";

const TOPICS = {
  topic: { kind: "text", required: true, about: TOPIC },
  rooms: { kind: "integer", default: 1, min: 1, max: 1_000_000, about: "Values that {room} takes." },
  each: {
    kind: "integer",
    default: 1,
    min: 0,
    max: 1000,
    about: "Rooms that each client is in; 0 for all of them. Client n begins with room n modulo rooms.",
  },
} as const satisfies FieldTable;

const SUBSCRIBE = {
  ...TOPICS,
  qos: { kind: "integer", default: 1, min: 0, max: 1, about: "MQTT: highest quality of service that is asked for." },
} as const satisfies FieldTable;

const PUBLISH = {
  ...TOPICS,
  order: {
    kind: "choice",
    choices: ["turns", "random"],
    default: "turns",
    about: "Which of its rooms a client publishes to next: one after another, or any.",
  },
  rate: {
    kind: "rate",
    about: "Open loop: messages a second of the whole population, on schedule whatever the server does.",
  },
  window: {
    kind: "integer",
    min: 1,
    max: 10_000,
    about: "Closed loop, instead of rate: each client keeps so many messages unacknowledged.",
  },
  think: {
    kind: "range",
    of: "duration",
    default: "0",
    about: "Closed loop: pause between an answer and the next send.",
  },
  bytes: {
    kind: "range",
    of: "size",
    default: "100",
    about: "Size of a payload, at least 40; JSON with a mark in it.",
  },
  qos: { kind: "integer", default: 1, min: 0, max: 1, about: "MQTT: quality of service of what is published." },
} as const satisfies FieldTable;

/** Clients that do the same. */
export const POPULATION = {
  name: { kind: "text", required: true, about: "How the report calls it." },
  count: { kind: "integer", required: true, min: 1, max: 10_000_000, about: "Connections." },
  protocol: { kind: "choice", choices: PROTOCOLS, about: "Instead of the target's." },
  urls: { kind: "texts", about: "Instead of the target's." },
  subscribe: { kind: "group", fields: SUBSCRIBE, about: "What each client subscribes to." },
  publish: { kind: "group", fields: PUBLISH, about: "What its clients publish." },
  heartbeat: { kind: "duration", about: "Each client sends a heartbeat so often." },
  readRate: {
    kind: "range",
    of: "size",
    about: "Slow readers: bytes a second that each client takes from its socket, no more.",
  },
  reconnect: {
    kind: "duration",
    default: "1s",
    about: "A client whose connection is lost comes back within this time.",
  },
} as const satisfies FieldTable;
