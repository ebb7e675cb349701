import type { Message, Stored } from "@tidegate/protocol";
import { packFlags, payloadIn, withFlags } from "../../log/flags.ts";
import { Column } from "./column.ts";
import { Payloads } from "./payloads.ts";
import type { Topic } from "./topic.ts";

/** What a record is kept for; it may be both. */
export const HISTORY = 1;
export const RETAINED = 2;
const USES = [HISTORY, RETAINED] as const;
export type Use = (typeof USES)[number];

/**
 * Records in the order of their offsets, field by field in arrays. An object for each message, with its payload and its
 * bytes, would be work for the garbage collector for as long as the message is kept, and take three times the memory.
 */
export class Segment {
  readonly #offsets: Float64Array;
  readonly #previous: Float64Array;
  /** When it was stored. */
  readonly #at: Float64Array;
  /** When the gateway took it in. */
  readonly #times: Float64Array;
  readonly #flags: Uint16Array;
  readonly #uses: Uint8Array;
  readonly #topics: Column<Topic>;
  readonly #ids: Column<string>;
  readonly #from: Column<string>;
  readonly #headers: Column<NonNullable<Message["headers"]>>;
  readonly payloads: Payloads;
  #count = 0;
  /** Records before it are not in the history any more. */
  #front = 0;
  #live = 0;
  /** Records by what they are kept for. */
  readonly #counts = { [HISTORY]: 0, [RETAINED]: 0 };

  /** Room for so many records, and so many bytes of copied payloads. */
  constructor(records: number, bytes: number) {
    this.#offsets = new Float64Array(records);
    this.#previous = new Float64Array(records);
    this.#at = new Float64Array(records);
    this.#times = new Float64Array(records);
    this.#flags = new Uint16Array(records);
    this.#uses = new Uint8Array(records);
    this.#topics = new Column(records);
    this.#ids = new Column(records);
    this.#from = new Column(records);
    this.#headers = new Column(records);
    this.payloads = new Payloads(records, bytes);
  }

  /** Records that are still kept for something. */
  get live(): number {
    return this.#live;
  }

  /** Less than half of it is kept for something. */
  get isSparse(): boolean {
    return this.#live * 2 < this.#count || this.payloads.live * 2 < this.payloads.used;
  }

  get count(): number {
    return this.#count;
  }

  get lastOffset(): number {
    return this.#offsets[this.#count - 1] ?? 0;
  }

  hasRoomFor(copied: number): boolean {
    return this.#count < this.#offsets.length && this.payloads.hasRoomFor(copied);
  }

  /** Adds a message that is newer than all. */
  add({ message, offset, previous }: Stored, topic: Topic, at: number): void {
    const i = this.#append(offset, previous, topic);
    this.#at[i] = at;
    this.#times[i] = message.time;
    this.#flags[i] = packFlags(message);
    this.keepFor(i, HISTORY);
    this.#ids.set(i, message.id);
    this.#from.set(i, message.from);
    this.#headers.set(i, message.headers);
    this.payloads.put(i, message.payload);
  }

  /** Adds what another segment still keeps; all of it is newer. */
  addAll(other: Segment): void {
    for (let from = 0; from < other.#count; from++) {
      if (other.#uses[from] === 0) continue;
      const i = this.#append(other.#offsets[from]!, other.#previous[from]!, other.topic(from));
      this.#at[i] = other.#at[from]!;
      this.#times[i] = other.#times[from]!;
      this.#flags[i] = other.#flags[from]!;
      for (const use of USES) if (other.isFor(from, use)) this.keepFor(i, use);
      this.#ids.set(i, other.#ids.get(from));
      this.#from.set(i, other.#from.get(from));
      this.#headers.set(i, other.#headers.get(from));
      this.payloads.putFrom(i, other.payloads, from);
    }
  }

  /** The index of a record that is there. */
  indexOf(offset: number): number {
    return this.indexAfter(offset - 1);
  }

  /** The index of the first record after the offset. */
  indexAfter(offset: number): number {
    const first = this.#offsets[0] ?? 0;
    let low = 0;
    let high = this.#count;
    // As long as nothing was taken out, offsets have no holes.
    if (this.lastOffset - first + 1 === high) return Math.min(Math.max(offset - first + 1, 0), high);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the oldest record that is in the history; `count` if none is. */
  firstInHistory(): number {
    while (this.#front < this.#count && !this.isFor(this.#front, HISTORY)) this.#front += 1;
    return this.#front;
  }

  /** Whether any of the records is kept for it. */
  hasAnyFor(use: Use): boolean {
    return this.#counts[use] > 0;
  }

  isFor(i: number, use: Use): boolean {
    return (this.#uses[i]! & use) !== 0;
  }

  topic(i: number): Topic {
    return this.#topics.get(i)!;
  }

  offset(i: number): number {
    return this.#offsets[i]!;
  }

  /** When it was stored, in milliseconds since 1970. */
  at(i: number): number {
    return this.#at[i]!;
  }

  stored(i: number): Stored {
    const flags = this.#flags[i]!;
    const message = withFlags(flags, {
      topic: this.topic(i).name,
      payload: payloadIn(flags, this.payloads.form(i)),
      id: this.#ids.get(i),
      from: this.#from.get(i),
      time: this.#times[i]!,
      headers: this.#headers.get(i),
    });
    return { message, offset: this.#offsets[i]!, previous: this.#previous[i]! };
  }

  keepFor(i: number, use: Use): void {
    if (this.isFor(i, use)) return;
    this.#uses[i]! |= use;
    this.#counts[use] += 1;
  }

  /** Returns whether the record is kept for nothing any more. */
  drop(i: number, use: Use): boolean {
    if (this.isFor(i, use)) this.#counts[use] -= 1;
    this.#uses[i]! &= ~use;
    if (this.#uses[i] !== 0) return false;
    this.payloads.drop(i);
    this.#live -= 1;
    this.#topics.clear(i);
    this.#ids.clear(i);
    this.#from.clear(i);
    this.#headers.clear(i);
    return true;
  }

  #append(offset: number, previous: number, topic: Topic): number {
    const i = this.#count++;
    this.#offsets[i] = offset;
    this.#previous[i] = previous;
    this.#topics.set(i, topic);
    this.#live += 1;
    return i;
  }
}
