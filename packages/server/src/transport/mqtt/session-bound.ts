import type { Clock } from "../../clock.ts";

export interface SessionBoundParts {
  /** Sessions that may be kept; 0 for no bound. */
  readonly most: number;
  /** Sessions that the store has. Rejects while it is away. */
  readonly count: () => Promise<number>;
  readonly clock: Pick<Clock, "now">;
}

/** Milliseconds for which a count is taken to be right: other gateways make sessions, too. */
const STAYS = 10_000;

/**
 * How many sessions may be kept. The store is not asked for each new one: what is made here is counted on from its last answer, and it
 * is asked again when that is old or leaves no room. Sessions that end are seen then.
 */
export class SessionBound {
  readonly #parts: SessionBoundParts;
  /** What the store said last. Before the first time there is no room. */
  #counted = Infinity;
  #askedAt = -Infinity;
  /** Made here since the store was asked. */
  #made = 0;
  /** Keys of those that are being made. */
  readonly #pending = new Set<string>();
  #look: Promise<void> | undefined = undefined;

  constructor(parts: SessionBoundParts) {
    this.#parts = parts;
  }

  get most(): number {
    return this.#parts.most;
  }

  /** Takes room for a session that is about to be made, until `settle`. False: as far as is known there is none. */
  take(key: string): boolean {
    const { most, clock } = this.#parts;
    if (most === 0) return true;
    // A store that is away is found by who needs it.
    if (clock.now() - this.#askedAt >= STAYS) this.look().catch(() => {});
    if (this.#counted + this.#made + this.#pending.size >= most) return this.#pending.has(key);
    this.#pending.add(key);
    return true;
  }

  /** The session was made, or was not. */
  settle(key: string, isMade: boolean): void {
    if (this.#pending.delete(key) && isMade) this.#made += 1;
  }

  /** Asks the store. Rejects while it is away. */
  look(): Promise<void> {
    return (this.#look ??= this.#count().finally(() => (this.#look = undefined)));
  }

  async #count(): Promise<void> {
    const { count, clock } = this.#parts;
    const made = this.#made;
    this.#askedAt = clock.now();
    this.#counted = await count();
    // What was made meanwhile may be in it, or not: too many are better counted than too few.
    this.#made -= made;
  }
}
