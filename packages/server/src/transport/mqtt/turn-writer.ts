import type { Clock } from "../../clock.ts";

/** A connection with bytes that were handed to it in this turn. */
export interface TurnWritten {
  flush(): void;
}

/** Bytes of the first array, and of the largest that is kept for later turns. */
const FIRST = 1024;
const LARGEST = 65_536;
/** Arrays that are kept for later turns. */
const KEPT = 64;

/** The frames of one connection that gather in a turn, one after another. */
export class Gathered {
  bytes = new Uint8Array(FIRST);
  length = 0;

  /** Makes room for `size` more bytes; returns where they go. */
  reserve(size: number): number {
    const at = this.length;
    this.length = at + size;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
    }
    return at;
  }
}

/**
 * Writes once for each connection and turn of the event loop, whatever number of packets came together for it: a write
 * is a call of the kernel, and costs more than all that was done to make the packet.
 */
export class TurnWriter {
  readonly #clock: Clock;
  readonly #free: Gathered[] = [];
  #waiting: TurnWritten[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(link: TurnWritten): void {
    if (this.#waiting.push(link) === 1) this.#clock.endOfTurn(this.#flush);
  }

  /** Where the frames of a connection may gather until it is flushed. */
  gather(): Gathered {
    return this.#free.pop() ?? new Gathered();
  }

  /** They were written: the array serves the next connection. */
  written(gathered: Gathered): void {
    gathered.length = 0;
    if (this.#free.length < KEPT && gathered.bytes.length <= LARGEST) this.#free.push(gathered);
  }

  #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const link of waiting) link.flush();
  };
}
