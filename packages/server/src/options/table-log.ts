import type { OptionTable } from "./spec.ts";

/** What is stored, and where. table-nats.ts has the options of a log on NATS. */
export const LOG_OPTIONS = {
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
} as const satisfies OptionTable;
