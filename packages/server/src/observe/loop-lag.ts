import type { Cancel, Clock } from "../clock.ts";

const STEP = 100;

/** Measures how late the event loop runs its timers: what every client waits, whatever else is fast. */
export class LoopLag {
  readonly #clock: Clock;
  #worst = 0;
  #timer: Cancel;
  #due: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#due = clock.now() + STEP;
    this.#timer = clock.after(STEP, this.#measure);
  }

  /** Milliseconds at most since the last call. */
  takeWorst(): number {
    const worst = this.#worst;
    this.#worst = 0;
    return worst;
  }

  stop(): void {
    this.#timer();
  }

  #measure = (): void => {
    const now = this.#clock.now();
    this.#worst = Math.max(this.#worst, now - this.#due);
    this.#due = now + STEP;
    this.#timer = this.#clock.after(STEP, this.#measure);
  };
}
