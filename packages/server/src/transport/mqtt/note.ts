/** What is stored of a durable session beside its subscriptions. */
export interface SessionNote {
  /** Seconds that it outlives its connection. */
  readonly expiry: number;
}

export function writeNote(note: SessionNote): string {
  return JSON.stringify(note);
}
