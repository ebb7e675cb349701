import type { Database } from "bun:sqlite";
import type { Meta } from "./meta.ts";

/**
 * Finds a topic's messages. An SQL index on (topic, offset) would touch one page for each topic in each commit: a commit
 * of 100 messages on 100 topics cost 14.8 µs a message that way, and 3.7 µs this way. So the newest offsets are kept in
 * memory and go into the table `by_topic` in large groups, sorted by topic; after a crash they are read again from the
 * messages, which are the truth.
 */
export class TopicIndex {
  readonly #meta: Meta;
  readonly #recent = new Map<number, number[]>();
  readonly #write;
  readonly #before;
  readonly #unindexed;
  #count = 0;
  #indexed = 0;
  #newest = 0;

  constructor(db: Database, meta: Meta) {
    this.#meta = meta;
    this.#write = db.prepare<unknown, [number, number]>(
      "INSERT INTO by_topic SELECT topic, offset FROM messages WHERE offset > ? AND offset <= ? ORDER BY topic, offset",
    );
    this.#before = db.prepare<unknown, [number, number, number, number]>(
      "SELECT offset FROM by_topic WHERE topic = ? AND offset < ? AND offset > ? ORDER BY offset DESC LIMIT ?",
    );
    this.#unindexed = db.prepare<unknown, [number]>(
      "SELECT topic, offset FROM messages WHERE offset > ? ORDER BY offset",
    );
    this.reload();
  }

  get isFull(): boolean {
    return this.#count >= GROUP;
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
  }

  /** Reads again what the file says: a transaction was taken back. */
  reload(): void {
    this.#recent.clear();
    this.#count = 0;
    this.#indexed = this.#meta.number("indexed");
    this.#newest = this.#indexed;
    const rows = this.#unindexed.values(this.#indexed) as [number, number][];
    for (const [topicId, offset] of rows) this.add(topicId, offset);
  }

  /** Inside a transaction: brings the table up to date. If that is taken back, `reload` must follow. */
  write(): void {
    if (this.#count === 0) return;
    this.#write.run(this.#indexed, this.#newest);
    this.#meta.set("indexed", this.#newest);
    this.#indexed = this.#newest;
    this.#recent.clear();
    this.#count = 0;
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
  before({
    topicId,
    before,
    floor,
    limit,
  }: {
    topicId: number;
    before: number;
    floor: number;
    limit: number;
  }): number[] {
    const recent = this.#recent.get(topicId) ?? [];
    const end = firstAfter(recent, before - 1);
    const found = recent
      .slice(Math.max(0, end - limit), end)
      .toReversed()
      .filter((offset) => offset > floor);
    if (found.length >= limit) return found;
    const bound = Math.min(before, Number.MAX_SAFE_INTEGER);
    return found.concat(column(this.#before.values(topicId, bound, floor, limit - found.length)));
  }
}

/** Offsets that go into the table together: one commit in so many messages takes 4 to 8 ms longer. */
const GROUP = 4096;

function column(rows: unknown[][]): number[] {
  return rows.map((row) => row[0] as number);
}

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
