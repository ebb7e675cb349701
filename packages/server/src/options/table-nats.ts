import type { OptionTable } from "./spec.ts";

/** Where the log is that gateways share, and how they reach it. */
export const NATS_OPTIONS = {
  "log.url": {
    kind: "list",
    items: "server",
    default: undefined,
    about:
      "NATS servers that hold the log (`nats://host:4222` or `tls://…`, credentials before an @): all gateways on it are one. Also written as the value of `log` itself.",
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
