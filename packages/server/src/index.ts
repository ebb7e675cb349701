export * from "./auth/index.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type RunningServer, startServer } from "./main.ts";
export { Fault } from "./options/fault.ts";
export * from "./options/index.ts";
export { readKeys } from "./options/keys.ts";
export { printDefault } from "./options/print.ts";
export type { OptionSpec } from "./options/spec.ts";
export { OPTIONS } from "./options/table.ts";
