import { every, type Cancel, type Clock } from "../clock.ts";

/** Milliseconds. */
const STEP = 100;

/** Measures how late the event loop runs its timers: what every client waits, whatever else is fast. */
export class LoopLag {
  readonly #clock: Clock;
  /** The worst that each reader has not taken yet. */
  readonly #worst: number[] = [];
  readonly #stop: Cancel;
  #due: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#due = clock.now() + STEP;
    this.#stop = every(clock, STEP, () => this.#measure());
  }

  /** Gives a function that returns the milliseconds at most since it was called last. Readers take nothing of one another. */
  reader(): () => number {
    const index = this.#worst.push(0) - 1;
    return () => {
      const worst = this.#worst[index] ?? 0;
      this.#worst[index] = 0;
      return worst;
    };
  }

  stop(): void {
    this.#stop();
  }

  #measure(): void {
    const now = this.#clock.now();
    const late = now - this.#due;
    for (let i = 0; i < this.#worst.length; i++) this.#worst[i] = Math.max(this.#worst[i] ?? 0, late);
    this.#due = now + STEP;
  }
}
