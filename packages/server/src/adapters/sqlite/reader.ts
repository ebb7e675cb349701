import type { Database } from "bun:sqlite";
import { isWildcard, matches, type Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import type { LatestQuery, Page, ReadQuery, RetainedPage } from "../../log/log.ts";
import { PageBuilder, pageOfLatest } from "../../log/page.ts";
import type { Recent } from "../../log/recent.ts";
import { COLUMNS, toStored, type Row } from "./rows.ts";
import { ScanTurns } from "./scan-turns.ts";
import type { TopicIndex } from "./topic-index.ts";
import type { Topic, Topics } from "./topics.ts";

export interface ReaderParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly topics: Topics;
  readonly index: TopicIndex;
  readonly recent: Recent;
  /** Messages up to here may have been lost with the power. */
  readonly lost: number;
  /** Newest offset that may be read. */
  readonly head: () => number;
}

/** Answers queries from the file. No statement is left open between turns: it would hold up checkpoints. */
export class Reader {
  readonly #parts: ReaderParts;
  readonly #turns: ScanTurns;
  readonly #byOffset;
  readonly #ofTopic;
  readonly #chunkEnd;
  readonly #scan;
  readonly #removed;
  readonly #retained;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    const { db, clock } = parts;
    this.#turns = new ScanTurns(clock);
    this.#byOffset = db.prepare<unknown, [number]>(`SELECT ${COLUMNS} FROM messages m WHERE m.offset = ?`);
    this.#ofTopic = db.prepare<unknown, [number, number, number]>(
      `SELECT ${COLUMNS} FROM by_topic b CROSS JOIN messages m ON m.offset = b.offset
       WHERE b.topic = ? AND b.offset > ? ORDER BY b.offset LIMIT ?`,
    );
    this.#chunkEnd = db.prepare<{ last: number | null }, [number, number, number]>(
      "SELECT max(offset) AS last FROM (SELECT offset FROM messages WHERE offset > ? AND offset <= ? ORDER BY offset LIMIT ?)",
    );
    // CROSS JOIN: the messages are the outer loop, in their order.
    this.#scan = db.prepare<unknown, [number, number, string, number]>(
      `SELECT ${COLUMNS}, t.name FROM messages m CROSS JOIN topics t ON t.id = m.topic
       WHERE m.offset > ?1 AND m.offset <= ?2 AND m.offset > t.floor AND substr(t.name, 1, length(?3)) = ?3
       ORDER BY m.offset LIMIT ?4`,
    );
    this.#removed = db.prepare<{ name: string; floor: number }, [number, string, number]>(
      "SELECT name, floor FROM topics WHERE floor > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY floor LIMIT ?3",
    );
    this.#retained = db.prepare<unknown, [number, string, number]>(
      `SELECT ${COLUMNS}, t.name FROM topics t CROSS JOIN messages m ON m.offset = t.retained
       WHERE t.retained > ?1 AND t.retained > 0 AND substr(t.name, 1, length(?2)) = ?2 ORDER BY t.retained LIMIT ?3`,
    );
  }

  read(query: ReadQuery): Promise<Page> {
    const recent = this.#parts.recent.read(query);
    if (recent !== undefined) return Promise.resolve(recent);
    return isWildcard(query.filter) ? this.#readFilter(query) : Promise.resolve(this.#readTopic(query));
  }

  latest({ topic: name, before, limit }: LatestQuery): Page {
    const { topics, index, lost } = this.#parts;
    const topic = topics.get(name);
    const head = this.#parts.head();
    const end = Math.min(before ?? Infinity, head + 1);
    const floor = topic?.floor ?? topics.forgotten;
    const found = topic ? index.before({ topicId: topic.id, before: end, floor, limit: limit + 1 }) : [];
    const offsets = found.slice(0, limit).toReversed();
    const messages = offsets.flatMap((offset) => this.#message(offset, name) ?? []);
    return pageOfLatest({ messages, more: found.length > limit, limit, before, head, floor, lost });
  }

  retained(filter: string, limit: number): readonly Stored[] {
    if (!isWildcard(filter)) return this.#retainedOf(filter).slice(0, limit);
    const found: Stored[] = [];
    for (let after = 0; ;) {
      const rows = this.#retained.values(after, literalStart(filter), ROWS) as [...Row, string][];
      for (const row of rows) if (found.length < limit && matches(filter, row[8])) found.push(named(row));
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS || found.length >= limit) return found;
      after = last[0];
    }
  }

  retainedPage(query: ReadQuery): RetainedPage {
    const { filter } = query;
    const page = new PageBuilder(query);
    const add = (stored: Stored): boolean => stored.offset <= query.after || page.add(stored);
    if (!isWildcard(filter)) this.#retainedOf(filter).every(add);
    else
      for (let { after } = query; ;) {
        const rows = this.#retained.values(after, literalStart(filter), ROWS) as [...Row, string][];
        const last = rows.at(-1);
        if (!rows.every((row) => !matches(filter, row[8]) || add(named(row)))) break;
        if (last === undefined || rows.length < ROWS) break;
        after = last[0];
      }
    return page.finishRetained();
  }

  #retainedOf(name: string): readonly Stored[] {
    const offset = this.#parts.topics.get(name)?.retained ?? 0;
    const stored = offset === 0 ? undefined : this.#message(offset, name);
    return stored === undefined ? [] : [stored];
  }

  #message(offset: number, topic: string): Stored | undefined {
    const row = this.#byOffset.values(offset)[0] as unknown as Row | undefined;
    return row === undefined ? undefined : toStored(row, topic);
  }

  #readTopic(query: ReadQuery): Page {
    const { topics, lost } = this.#parts;
    const head = this.#parts.head();
    const page = new PageBuilder(query);
    const topic = topics.get(query.filter);
    const floor = Math.max(topic?.floor ?? topics.forgotten, lost);
    const done = (): Page => page.finish(head, query.after >= floor);
    if (topic === undefined) return done();
    for (let after = Math.max(query.after, topic.floor); ;) {
      const count = Math.min(page.wanted, ROWS);
      const found = this.#messagesOf(topic, after, count);
      for (const stored of found) if (stored.offset > head || !page.add(stored)) return done();
      const last = found.at(-1);
      if (last === undefined) return done();
      after = last.offset;
    }
  }

  /** At most `count` messages of the topic after an offset: from the table, or when that has none, the newer ones. */
  #messagesOf(topic: Topic, after: number, count: number): readonly Stored[] {
    const { index } = this.#parts;
    const rows = after < index.indexed ? (this.#ofTopic.values(topic.id, after, count) as unknown as Row[]) : [];
    if (rows.length > 0) return rows.map((row) => toStored(row, topic.name));
    return index.recentAfter(topic.id, after, count).flatMap((offset) => this.#message(offset, topic.name) ?? []);
  }

  /** Walks the whole log in steps, so that a filter that hits little does not hold up the event loop. */
  async #readFilter(query: ReadQuery): Promise<Page> {
    const page = new PageBuilder(query);
    const head = this.#parts.head();
    let complete = true;
    for (let after = query.after; ;) {
      await this.#turns.next();
      complete &&= this.#isComplete(query.filter, after);
      const last = this.#chunkEnd.get(after, head, SCAN_ROWS)?.last ?? undefined;
      if (last === undefined || !this.#scanChunk(page, query.filter, after, last)) return page.finish(head, complete);
      after = last;
    }
  }

  /** False when the page is full. */
  #scanChunk(page: PageBuilder, filter: string, from: number, to: number): boolean {
    for (let after = from; ;) {
      const count = Math.min(page.wanted, ROWS);
      const rows = this.#scan.values(after, to, literalStart(filter), count) as [...Row, string][];
      for (const row of rows) if (matches(filter, row[8]) && !page.add(named(row))) return false;
      const last = rows.at(-1);
      if (last === undefined || rows.length < count) return true;
      after = last[0];
    }
  }

  /** Whether nothing after the offset was removed of a topic that the filter names. */
  #isComplete(filter: string, after: number): boolean {
    if (after < this.#parts.lost || after < this.#parts.topics.forgotten) return false;
    for (let floor = after; ;) {
      const rows = this.#removed.all(floor, literalStart(filter), ROWS);
      if (rows.some((row) => matches(filter, row.name))) return false;
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS) return true;
      floor = last.floor;
    }
  }
}

/** Rows that are taken from a statement at once. */
const ROWS = 256;
/** Messages that are looked at in one go: about a millisecond. */
const SCAN_ROWS = 4096;

function named(row: [...Row, string]): Stored {
  const [offset, previous, id, sender, time, flags, headers, payload, name] = row;
  return toStored([offset, previous, id, sender, time, flags, headers, payload], name);
}

/** What every topic of the filter begins with: its levels before the first wildcard (`a/#` names `a`, too). */
function literalStart(filter: string): string {
  const levels = filter.split("/");
  const wild = levels.findIndex((level) => level === "+" || level === "#");
  return levels.slice(0, wild).join("/");
}
