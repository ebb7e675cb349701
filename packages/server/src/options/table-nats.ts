import type { OptionTable } from "./spec.ts";

/** Where the log is that gateways share, and how they reach it. */
export const NATS_OPTIONS = {
  "log.url": {
    kind: "list",
    items: "server",
    default: undefined,
    about: "NATS servers with the log that all gateways share, nats://host:4222 or tls://…; `log` itself may be this.",
  },
  "log.token": { kind: "text", default: undefined, secret: true, about: "Token for NATS." },
  "log.nkeyFile": { kind: "text", form: "path", default: undefined, about: "File with the seed of an nkey for NATS." },
  "log.credsFile": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Credentials file (JWT and seed, as `nsc` writes it) for NATS.",
  },
  "log.caFile": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Authorities (PEM) that sign the certificates of NATS, where the system's do not.",
  },
  "log.replicas": {
    kind: "integer",
    default: 1,
    min: 1,
    max: 5,
    about: "Copies that a cluster of NATS servers keeps; counts when the log is made.",
  },
  "log.shards": {
    kind: "integer",
    default: 1,
    min: 1,
    max: 64,
    unit: "streams",
    about:
      "Streams of NATS for each durability; namespaces are spread over them. The same at all gateways, and for as long as the log lives.",
  },
  "log.relayout": {
    kind: "boolean",
    default: false,
    about:
      "Take other numbers of shards than the log was made with: topics that move begin anew. Only while no other gateway runs.",
  },
  "log.monitors": {
    kind: "list",
    items: "monitor",
    default: [],
    about:
      "Monitoring ports of all NATS servers (`http://host:8222`): durability `power` is refused unless they say that it holds.",
  },
  "log.startWait": {
    kind: "duration",
    // What starts a gateway mostly starts it again; a sentence at once tells more than silence.
    default: "0",
    min: "0",
    max: "1h",
    about: "How long a start waits for NATS that is not there yet, before it fails.",
  },
} as const satisfies OptionTable;
