import type { Message, Stored } from "@tidegate/protocol";
import { Fifo } from "../../log/fifo.ts";

/** A stored message and what the store needs to know of it. */
export class Entry implements Stored {
  readonly message: Message;
  readonly offset: number;
  readonly previous: number;
  readonly topic: Topic;
  /** When it was stored, in milliseconds since 1970. */
  readonly at: number;
  /** What it counts against the log's bound. */
  readonly bytes: number;

  constructor(message: Message, topic: Topic, place: { readonly offset: number; readonly at: number }) {
    this.message = message;
    this.offset = place.offset;
    this.previous = topic.head;
    this.topic = topic;
    this.at = place.at;
    this.bytes = message.payload.size + OVERHEAD;
  }
}

/** What the log knows of one topic. */
export class Topic {
  readonly name: string;
  readonly entries = new Fifo<Entry>();
  /** Newest offset ever. */
  head: number;
  /** Offset of the newest message that retention removed: whoever asks from before it misses something. */
  floor: number;
  retained: Entry | undefined = undefined;
  /** Its head when it was put into the queue of topics that may be forgotten. */
  idleSince: number | undefined = undefined;

  constructor(name: string, floor: number) {
    this.name = name;
    this.head = floor;
    this.floor = floor;
  }

  get isEmpty(): boolean {
    return this.entries.size === 0 && this.retained === undefined;
  }

  /** Index of the first entry after the offset. */
  indexAfter(offset: number): number {
    let low = 0;
    let high = this.entries.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries.at(middle)?.offset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Objects, strings and slots around a payload: a chat message of 120 bytes takes 485 of heap. */
const OVERHEAD = 360;
