import type { OptionTable } from "./spec.ts";

/** Bounds of connections, whatever they speak, and how a server that stops sends them away. */
export const CONNECTION_OPTIONS = {
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
} as const satisfies OptionTable;
