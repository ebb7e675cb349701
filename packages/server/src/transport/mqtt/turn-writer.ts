import type { Clock } from "../../clock.ts";

/** A connection with bytes that were handed to it in this turn. */
export interface TurnWritten {
  flush(): void;
}

/**
 * Writes once for each connection and turn of the event loop, whatever number of packets came together for it: a write
 * is a call of the kernel, and costs more than all that was done to make the packet.
 */
export class TurnWriter {
  readonly #clock: Clock;
  #waiting: TurnWritten[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(link: TurnWritten): void {
    if (this.#waiting.push(link) === 1) this.#clock.endOfTurn(this.#flush);
  }

  #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const link of waiting) link.flush();
  };
}
