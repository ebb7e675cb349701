import type { Database } from "bun:sqlite";
import { type Backwards, ByTopic, ROWS } from "./by-topic.ts";
import type { Meta } from "./meta.ts";

/**
 * Finds a topic's messages. An SQL index on (topic, offset) would touch one page for each topic in each commit, which costs
 * several times as much as the messages (bench/sqlite-index.ts). So the newest offsets are kept in memory and go into the table `by_topic` in large groups, sorted by topic; after a crash they are read again from the
 * messages, which are the truth.
 */
export class TopicIndex {
  readonly #meta: Meta;
  readonly #recent = new Map<number, number[]>();
  readonly #table: ByTopic;
  #count = 0;
  #indexed = 0;
  #newest = 0;
  #round: Round | undefined = undefined;
  #addedSinceStep = 0;

  constructor(db: Database, meta: Meta) {
    this.#meta = meta;
    this.#table = new ByTopic(db);
    this.reload();
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(topicId: number, offset: number): void {
    const offsets = this.#recent.get(topicId);
    if (offsets === undefined) this.#recent.set(topicId, [offset]);
    else offsets.push(offset);
    this.#count += 1;
    this.#newest = offset;
    this.#addedSinceStep += 1;
  }

  /**
   * Inside a transaction: a part of what is due, so that no single commit waits for a whole group. If the transaction is
   * taken back, `reload` must follow. Of each topic the table always holds the oldest offsets, up to some one.
   */
  step(): void {
    if (this.#round !== undefined || this.#count >= GROUP) this.#writeSlice();
  }

  /** Inside a transaction: a part although no group is due; whether there is more than a small rest to `write`. */
  hurry(): boolean {
    if (this.#count >= SLICE) this.#writeSlice();
    return this.#count >= SLICE;
  }

  #writeSlice(): void {
    const round = (this.#round ??= this.#newRound());
    // Faster than they come, or it would never end.
    const rows = Math.max(SLICE, 2 * this.#addedSinceStep);
    this.#addedSinceStep = 0;
    for (let row = 0; row < rows && round.topics.length > 0; row += ROWS) this.#writeRun(round);
    if (round.topics.length === 0) this.#finish(round.upTo);
  }

  /** Reads again what the file says: a transaction was taken back. */
  reload(): void {
    this.#recent.clear();
    this.#round = undefined;
    this.#count = 0;
    this.#indexed = this.#meta.number("indexed");
    this.#newest = this.#indexed;
    for (const [topicId, offset] of this.#table.missing(this.#indexed)) this.add(topicId, offset);
  }

  /** Inside a transaction: brings the table up to date. If that is taken back, `reload` must follow. */
  write(): void {
    if (this.#count === 0) return;
    this.#table.fill(this.#indexed, this.#newest);
    this.#meta.set("indexed", this.#newest);
    this.#indexed = this.#newest;
    this.#round = undefined;
    this.#recent.clear();
    this.#count = 0;
  }

  #newRound(): Round {
    this.#addedSinceStep = 0;
    // The last one first: `topics` is used from its end.
    return { upTo: this.#newest, topics: [...this.#recent.keys()].sort((a, b) => b - a), next: 0 };
  }

  /** Writes the next offsets of a round, as many as one statement takes unless fewer are left. */
  #writeRun(round: Round): void {
    const values: number[] = [];
    while (values.length < 2 * ROWS && round.topics.length > 0) this.#takeNext(round, values);
    this.#table.insert(values);
  }

  /** Adds the next offset with its topic, or ends the topic. */
  #takeNext(round: Round, values: number[]): void {
    const topicId = round.topics.at(-1)!;
    const offset = this.#recent.get(topicId)?.[round.next];
    if (offset !== undefined && offset <= round.upTo) {
      values.push(topicId, offset);
      round.next += 1;
    } else {
      round.topics.pop();
      round.next = 0;
    }
  }

  #finish(upTo: number): void {
    this.#meta.set("indexed", upTo);
    this.#indexed = upTo;
    this.#round = undefined;
    for (const [topicId, offsets] of this.#recent) {
      const written = firstAfter(offsets, upTo);
      this.#count -= written;
      if (written === offsets.length) this.#recent.delete(topicId);
      else if (written > 0) this.#recent.set(topicId, offsets.slice(written));
    }
  }

  newest(topicId: number): number {
    return this.#recent.get(topicId)?.at(-1) ?? this.before({ topicId, before: Infinity, floor: 0, limit: 1 })[0] ?? 0;
  }

  /** What the table holds reaches up to here; `recentAfter` has the rest. */
  get indexed(): number {
    return this.#indexed;
  }

  /** At most `limit` offsets after one that are not in the table yet, ascending. */
  recentAfter(topicId: number, after: number, limit: number): readonly number[] {
    const recent = this.#recent.get(topicId);
    if (recent === undefined) return [];
    const start = firstAfter(recent, after);
    return recent.slice(start, start + limit);
  }

  /** At most `limit` offsets before one and after `floor`, descending. */
  before({ topicId, before, floor, limit }: Backwards): number[] {
    const recent = this.#recent.get(topicId) ?? [];
    const end = firstAfter(recent, before - 1);
    const found = recent
      .slice(Math.max(0, end - limit), end)
      .toReversed()
      .filter((offset) => offset > floor);
    if (found.length >= limit) return found;
    // Above it the table may have what was found already.
    const bound = Math.min(before, this.#indexed + 1);
    return found.concat(this.#table.before({ topicId, before: bound, floor, limit: limit - found.length }));
  }
}

/** Offsets of a topic that are on their way into the table. */
interface Round {
  readonly upTo: number;
  readonly topics: number[];
  /** Place in the offsets of the last of `topics`. */
  next: number;
}

/** Offsets that go into the table together, sorted by topic. Written at once they would hold up a commit for some milliseconds. */
const GROUP = 4096;

/** Offsets of one commit: less work than the commit itself. */
const SLICE = 256;

function firstAfter(sorted: readonly number[], offset: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
