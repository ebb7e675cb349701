import type { Cancel, Clock } from "../clock.ts";
import type { SessionCounters } from "../session/services.ts";

const LOOK = 100;
/** Those who go within this time go together, in milliseconds. */
const WINDOW = 10_000;
/** Fewer are not worth a collection. */
const MANY = 1000;

/**
 * Calls `collect` when half of all sessions, or more, have gone together. They mostly come back at once: the collector
 * would still hold the sessions that went while it makes room for those that come, and a heap that was twice as large
 * for a moment stays scattered over a third more memory. What is left to mark is small just then, so that the pause is
 * short.
 */
export class Exodus {
  readonly #clock: Clock;
  readonly #counters: SessionCounters;
  readonly #collect: () => void;
  #since: number;
  #before: number;
  #timer: Cancel;

  constructor(clock: Clock, counters: SessionCounters, collect: () => void) {
    this.#clock = clock;
    this.#counters = counters;
    this.#collect = collect;
    this.#since = clock.now();
    this.#before = counters.closed;
    this.#timer = clock.after(LOOK, this.#look);
  }

  stop(): void {
    this.#timer();
  }

  #look = (): void => {
    const { opened, closed } = this.#counters;
    const gone = closed - this.#before;
    const massive = gone >= MANY && gone >= opened - closed;
    if (massive) this.#collect();
    const now = this.#clock.now();
    if (massive || now - this.#since >= WINDOW) {
      this.#since = now;
      this.#before = closed;
    }
    this.#timer = this.#clock.after(LOOK, this.#look);
  };
}
