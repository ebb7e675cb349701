import type { Cancel, Clock } from "../../src/clock.ts";

/** The time of one process: when it is killed, nothing of it runs any more. */
export class LifeClock implements Clock {
  readonly #base: Clock;
  #alive = true;
  #timers = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  /** Timers that were set and neither ran nor were taken back. */
  get timers(): number {
    return this.#timers;
  }

  now(): number {
    return this.#base.now();
  }

  after(ms: number, task: () => void): Cancel {
    let waiting = true;
    const leave = (): boolean => {
      if (!waiting) return false;
      waiting = false;
      this.#timers--;
      return true;
    };
    this.#timers++;
    const cancel = this.#base.after(ms, () => void (leave() && this.#alive && task()));
    return () => void (leave() && cancel());
  }

  endOfTurn(task: () => void): void {
    this.#base.endOfTurn(() => void (this.#alive && task()));
  }

  kill(): void {
    this.#alive = false;
  }
}
