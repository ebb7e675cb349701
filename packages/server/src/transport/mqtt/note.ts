import type { WrittenWill } from "./testament.ts";

/** What is stored of a durable session beside its subscriptions. */
export interface SessionNote {
  /** Seconds that it outlives its connection. */
  readonly expiry: number;
  /** What is to be published if its gateway is killed, or when the time comes. */
  readonly will?: WrittenWill | undefined;
}

export function writeNote(note: SessionNote): string {
  return JSON.stringify(note);
}

export function readNote(text: string | undefined): SessionNote {
  return text === undefined ? { expiry: 0 } : (JSON.parse(text) as SessionNote);
}
