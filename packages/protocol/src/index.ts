export * from "./codes.ts";
export * from "./command.ts";
export * from "./error.ts";
export * from "./limits.ts";
export * from "./message.ts";
export * from "./payload.ts";
export * from "./topic.ts";
