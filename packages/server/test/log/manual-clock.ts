import type { Clock } from "../../src/clock.ts";

/** Time that a test moves; turns of the event loop are real. */
export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Map<() => void, number>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = (): void => task();
    this.#timers.set(timer, this.#now + ms);
    return () => void this.#timers.delete(timer);
  }

  endOfTurn(task: () => void): void {
    setImmediate(task);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const [task, due] of this.#timers)
      if (due <= this.#now) {
        this.#timers.delete(task);
        task();
      }
  }
}
