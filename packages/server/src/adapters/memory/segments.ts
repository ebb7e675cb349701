import type { Stored } from "@tidegate/protocol";
import { copiedBytes, LONGEST_COPIED } from "./payloads.ts";
import { HISTORY, Segment, type Use } from "./segment.ts";
import type { Topic } from "./topic.ts";

/** Records of the first segment, and of the largest: each new one has twice as many as the one before. */
const FIRST = 64;
const MOST = 1024;
/** Bytes of a payload that are reckoned with before any was seen. */
const USUAL = 128;
/** A new segment has so much more room for payloads than the last one needed. */
const SPARE = 1.25;

export interface Walk {
  readonly after: number;
  readonly count: number;
  readonly use: Use;
}

/**
 * All records, in segments. Records are let go from anywhere (each topic has its own retention): a segment that is half
 * empty is copied together with the one before it, so that at most half of the memory is unused, and O(1) is copied for
 * each record on average.
 */
export class Segments {
  readonly #all: Segment[] = [];
  #records = FIRST;

  add(stored: Stored, topic: Topic, at: number): void {
    const copied = copiedBytes(stored.message.payload);
    let last = this.#all.at(-1);
    if (last === undefined || !last.hasRoomFor(copied)) last = this.#begin(last, copied);
    last.add(stored, topic, at);
  }

  /** The segment that has a record of this offset, which must be there. */
  of(offset: number): Segment {
    return this.#all[this.#placeOf(offset)]!;
  }

  stored(offset: number): Stored {
    const segment = this.of(offset);
    return segment.stored(segment.indexOf(offset));
  }

  /** When it was stored, in milliseconds since 1970. */
  storedAt(offset: number): number {
    const segment = this.of(offset);
    return segment.at(segment.indexOf(offset));
  }

  /** Bytes of its payload. */
  sizeOf(offset: number): number {
    const segment = this.of(offset);
    return segment.payloads.size(segment.indexOf(offset));
  }

  keep(offset: number, use: Use): void {
    const segment = this.of(offset);
    segment.keepFor(segment.indexOf(offset), use);
  }

  /** The oldest record that is in a history: its topic. */
  oldest(): Topic | undefined {
    for (const segment of this.#all) {
      if (!segment.hasAnyFor(HISTORY)) continue;
      const i = segment.firstInHistory();
      if (i < segment.count) return segment.topic(i);
    }
    return undefined;
  }

  /** Returns the bytes of the payload if the record is kept for nothing any more, else undefined. */
  drop(offset: number, use: Use): number | undefined {
    const place = this.#placeOf(offset);
    const segment = this.#all[place]!;
    const i = segment.indexOf(offset);
    const size = segment.payloads.size(i);
    if (!segment.drop(i, use)) return undefined;
    if (place < this.#all.length - 1 && segment.isSparse) this.#compact(place);
    return size;
  }

  /**
   * Shows `visit` the records for this use among `count` records after the offset, until it says false. Returns the
   * offset that it got to, undefined if that was the last one or `visit` wanted no more.
   */
  walk({ after, count, use }: Walk, visit: (segment: Segment, i: number) => boolean): number | undefined {
    let left = count;
    for (let place = this.#placeOf(after + 1); place < this.#all.length; place++) {
      const segment = this.#all[place]!;
      if (!segment.hasAnyFor(use)) continue;
      const start = segment.indexAfter(after);
      const end = Math.min(start + left, segment.count);
      for (let i = start; i < end; i++) if (segment.isFor(i, use) && !visit(segment, i)) return undefined;
      left -= end - start;
      const isLast = place === this.#all.length - 1 && end === segment.count;
      if (left === 0) return isLast ? undefined : segment.offset(end - 1);
    }
    return undefined;
  }

  /** The first segment that reaches to the offset. */
  #placeOf(offset: number): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#all[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #begin(last: Segment | undefined, copied: number): Segment {
    const mean = last === undefined ? USUAL : last.payloads.used / last.count;
    if (last?.isSparse === true) this.#compact(this.#all.length - 1);
    const bytes = Math.min(this.#records * mean * SPARE, this.#records * LONGEST_COPIED);
    const segment = new Segment(this.#records, Math.max(copied, Math.ceil(bytes)));
    this.#records = Math.min(this.#records * 2, MOST);
    this.#all.push(segment);
    return segment;
  }

  #compact(place: number): void {
    const segment = this.#all[place]!;
    const before = this.#all[place - 1];
    const isJoined = before !== undefined && before.live + segment.live <= MOST;
    const sources = isJoined ? [before, segment] : [segment];
    const live = sources.reduce((sum, each) => sum + each.live, 0);
    const bytes = sources.reduce((sum, each) => sum + each.payloads.live, 0);
    const joined = new Segment(live, bytes);
    for (const source of sources) joined.addAll(source);
    this.#all.splice(isJoined ? place - 1 : place, sources.length, ...(live === 0 ? [] : [joined]));
  }
}
