import type { Cancel, Clock } from "../../src/clock.ts";

/** The time of another clock, set forward or back; timers run as they would on that one. */
export class ShiftedClock implements Clock {
  readonly #clock: Clock;
  /** Milliseconds. */
  shift = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.shift;
  }

  after(ms: number, task: () => void): Cancel {
    return this.#clock.after(ms, task);
  }

  endOfTurn(task: () => void): void {
    this.#clock.endOfTurn(task);
  }
}
