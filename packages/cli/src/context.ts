import type { Clock } from "@tidegate/server";
import type { Terminal } from "./terminal.ts";

/** Everything that a command takes from its surroundings. */
export interface Context {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly fetch: (url: string, init?: BunFetchRequestInit) => Promise<Response>;
  /** Fills the bytes with chance. */
  readonly random: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /** The process ends with this code; 0 if nobody says another. */
  exit(code: number): void;
}
