import type { OptionTable } from "./spec.ts";

/** What concerns the server as a whole. */
export const SERVER_OPTIONS = {
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
