import type { Rejected } from "./codec.ts";
import { InvalidInput, protocolError } from "./error.ts";
import { LIMITS } from "./limits.ts";

/** What is wrong with one command, as the answer to that command alone. */
export function rejected(id: number | undefined, error: InvalidInput): Rejected {
  return { kind: "rejected", id, error: protocolError(error.reason, error.message) };
}

export function malformed(message: string): never {
  throw new InvalidInput("malformed", message);
}

export function tooManyCommands(): never {
  return malformed(`the frame has more than ${LIMITS.commandsPerFrame} commands`);
}
