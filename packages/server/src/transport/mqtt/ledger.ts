import type { SessionChange, SessionClaim } from "../../durable/session-store.ts";

/**
 * Writes the changes of one durable session in their order, those of a turn together, and lets what depends on them go on
 * only when they are stored.
 */
export class Ledger {
  readonly #claim: SessionClaim;
  readonly #failed: (error: unknown) => void;
  #changes: SessionChange[] = [];
  #acts: (() => void)[] = [];
  /** Acts that were not called yet. */
  #waiting = 0;
  #writing: Promise<void> | undefined = undefined;

  /** `failed`: the store could not take them; what waited for them does not happen. */
  constructor(claim: SessionClaim, failed: (error: unknown) => void) {
    this.#claim = claim;
    this.#failed = failed;
  }

  /** A change that nothing waits for: it goes with the next write. */
  note(change: SessionChange): void {
    this.#changes.push(change);
  }

  get hasNotes(): boolean {
    return this.#changes.length > 0;
  }

  /** Calls `act` when the changes are stored; acts keep their order. */
  before(changes: readonly SessionChange[], act: () => void): void {
    for (const change of changes) this.#changes.push(change);
    this.#acts.push(act);
    this.#waiting += 1;
    this.#start();
  }

  /** Calls `act` after the acts that wait already; at once if none does. */
  behind(act: () => void): void {
    if (this.#waiting === 0) return act();
    this.#acts.push(act);
    this.#waiting += 1;
    this.#start();
  }

  /** Resolves when everything so far is stored, or could not be. */
  async flush(): Promise<void> {
    // What came while a write was under way takes one more.
    for (this.#start(); this.#writing !== undefined; this.#start()) await this.#writing;
  }

  /** Stores everything so far; from then on nothing more. */
  async close(): Promise<void> {
    await this.flush();
    this.#claim.release();
  }

  #start(): void {
    if (this.#writing !== undefined || (this.#changes.length === 0 && this.#acts.length === 0)) return;
    // What else this turn brings goes with it.
    this.#writing = Promise.resolve().then(() => this.#write());
  }

  async #write(): Promise<void> {
    const [changes, acts] = [this.#changes, this.#acts];
    [this.#changes, this.#acts] = [[], []];
    try {
      if (changes.length > 0) await this.#claim.write(changes);
      for (const act of acts) {
        act();
        this.#waiting -= 1;
      }
    } catch (error) {
      this.#waiting = this.#acts.length;
      this.#failed(error);
    } finally {
      this.#writing = undefined;
      if (this.#acts.length > 0) this.#start();
    }
  }
}
