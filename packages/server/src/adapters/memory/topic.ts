import { Fifo } from "../../log/fifo.ts";

/** What the log knows of one topic. */
export class Topic {
  readonly name: string;
  /** Offsets of the messages in its history, oldest first. */
  readonly history = new Fifo<number>();
  /** Newest offset ever. */
  head: number;
  /** Offset of the newest message that retention removed: whoever asks from before it misses something. */
  floor: number;
  /** Offset of its retained value. */
  retained: number | undefined = undefined;
  /** Its head when it was put into the queue of topics that may be forgotten. */
  idleSince: number | undefined = undefined;

  constructor(name: string, floor: number) {
    this.name = name;
    this.head = floor;
    this.floor = floor;
  }

  get isEmpty(): boolean {
    return this.history.size === 0 && this.retained === undefined;
  }

  /** Index in its history of the first message after the offset. */
  indexAfter(offset: number): number {
    let low = 0;
    let high = this.history.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.history.at(middle) ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
