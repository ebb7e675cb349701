import type { OptionTable } from "./spec.ts";

/** What each namespace can set for itself, and `namespaceDefaults` for all. */
export const NAMESPACE_OPTIONS = {
  durability: {
    kind: "choice",
    // A sync for each group of messages costs most of the rate: `power` is chosen by who needs it.
    default: "process",
    choices: ["memory", "process", "power"],
    about: "What an acknowledged message survives: nothing, a kill of the program, or a loss of power.",
  },
  "history.size": {
    kind: "integer",
    default: 1000,
    min: 0,
    max: 10_000_000,
    unit: "messages",
    about: "Messages kept for each topic.",
  },
  "history.age": {
    kind: "duration",
    default: "24h",
    min: "0",
    max: "3650d",
    about: "Messages older than this are removed.",
  },
  shards: {
    kind: "integer",
    // One stream takes what one core of NATS can do; filters with wildcards keep their positions with one only.
    default: 1,
    min: 1,
    max: 64,
    unit: "streams",
    about: "Over how many of log.shards its topics are spread; above 1, filters with wildcards have no position.",
  },
  messageIdWindow: {
    kind: "duration",
    // Longer than the longest back-off of the client SDK: a retry after it is still known.
    default: "2m",
    min: "0",
    max: "7d",
    about: "A message id that comes again within this time is a duplicate and not stored.",
  },
  retained: {
    kind: "boolean",
    default: true,
    about: "Whether a topic may keep its last value for those who subscribe later.",
  },
  "presence.enabled": {
    kind: "boolean",
    default: true,
    about: "Whether clients may be present and see who is.",
  },
  "presence.grace": {
    kind: "duration",
    // A page reload or a change of network takes 1 to 4 seconds.
    default: "5s",
    min: "0",
    max: "1h",
    about: "A lost connection that comes back within this time never left.",
  },
  "presence.maxMembers": {
    kind: "integer",
    default: 100,
    min: 0,
    max: 10_000,
    unit: "members",
    about: "Members listed in one answer or push; the count is always whole.",
  },
  publish: {
    kind: "list",
    items: "pattern",
    default: [],
    about: "More topics of a listed namespace that signed-in users may publish to, without its name: {user}/#.",
  },
  subscribe: {
    kind: "list",
    items: "pattern",
    default: [],
    about: "More topics of a listed namespace that signed-in users may subscribe to, without its name: {user}/#.",
  },
  maxPayload: {
    kind: "size",
    default: "64KB",
    min: "1B",
    max: "64MB",
    about: "Largest payload of one message.",
  },
  "batch.delay": {
    kind: "duration",
    default: "0",
    min: "0",
    max: "10s",
    about: "Pushes wait this long for more to go with them; 0 sends at the end of the turn.",
  },
  "batch.messages": {
    kind: "integer",
    default: 256,
    min: 1,
    max: 100_000,
    unit: "messages",
    about: "A batch of so many messages goes at once.",
  },
  "batch.bytes": {
    kind: "size",
    default: "64KB",
    min: "1B",
    max: "64MB",
    about: "A batch of so many bytes goes at once.",
  },
  slowConsumer: {
    kind: "choice",
    // A closed client comes back and recovers everything; a skipping one is told of the gap and asks itself.
    default: "close",
    choices: ["close", "skip"],
    about: "What happens to a client that reads slower than its messages come: close it, or skip and tell it.",
  },
  ackWait: {
    kind: "duration",
    default: "30s",
    min: "100ms",
    max: "24h",
    about: "A message that is not acknowledged within this time is sent again.",
  },
} as const satisfies OptionTable;
