import { ACK_SIZE } from "@tidegate/protocol/mqtt";
import type { Clock } from "../../clock.ts";

/** A connection with bytes that were handed to it in this turn. */
export interface TurnWritten {
  flush(): void;
}

/** Bytes of a new array. */
const FIRST = 256;
/** Bytes that all arrays together have which are kept for later turns, at most. */
const KEPT = 4 * 1024 * 1024;

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
  /** Bytes that a connection may have been handed and not taken: past that it is cut. */
  readonly limit: number;
  /** Holds one acknowledgement while it is written. */
  readonly ack = new Uint8Array(ACK_SIZE);
  readonly #clock: Clock;
  readonly #free: Gathered[] = [];
  #kept = 0;
  #waiting: TurnWritten[] = [];

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.limit = limit;
  }

  add(link: TurnWritten): void {
    if (this.#waiting.push(link) === 1) this.#clock.endOfTurn(this.#flush);
  }

  /** Where the frames of a connection may gather until it is flushed. */
  gather(): Gathered {
    const free = this.#free.pop();
    if (free === undefined) return new Gathered();
    this.#kept -= free.bytes.length;
    return free;
  }

  /** They were written: the array serves the next connection. */
  written(gathered: Gathered): void {
    const size = gathered.bytes.length;
    if (this.#kept + size > KEPT) return;
    gathered.length = 0;
    this.#kept += size;
    this.#free.push(gathered);
  }

  #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const link of waiting) link.flush();
  };
}
