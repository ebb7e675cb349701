import type { Clock } from "../../clock.ts";
import { Fifo } from "../../log/fifo.ts";

/**
 * Lets those who walk the log take their steps one after another, one in each turn of the event loop: many who come back at once
 * and have missed much must not hold up everybody else.
 */
export class ScanTurns {
  readonly #clock: Pick<Clock, "endOfTurn">;
  readonly #waiting = new Fifo<() => void>();
  /** Somebody has taken a step in this turn. */
  #isTaken = false;

  constructor(clock: Pick<Clock, "endOfTurn">) {
    this.#clock = clock;
  }

  /** Resolves when the caller may take a step; at once for the first one in a turn. */
  next(): Promise<void> {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#take();
    return Promise.resolve();
  }

  #take(): void {
    this.#isTaken = true;
    this.#clock.endOfTurn(this.#turnOver);
  }

  #turnOver = (): void => {
    this.#isTaken = false;
    const go = this.#waiting.shift();
    if (go === undefined) return;
    this.#take();
    go();
  };
}
