export * from "./auth/index.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type RunningServer, startServer } from "./main.ts";
export * from "./options/index.ts";
