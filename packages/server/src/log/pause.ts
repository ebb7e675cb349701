import type { Clock } from "../clock.ts";

/** Lets the event loop run after every `steps` steps of a long task. */
export class Pause {
  readonly #clock: Clock;
  readonly #steps: number;
  #left: number;

  constructor(clock: Clock, steps: number) {
    this.#clock = clock;
    this.#steps = steps;
    this.#left = steps;
  }

  /** Counts one step. */
  isDue(): boolean {
    this.#left -= 1;
    return this.#left <= 0;
  }

  take(): Promise<void> {
    this.#left = this.#steps;
    return new Promise((resolve) => this.#clock.endOfTurn(resolve));
  }
}
