import type { Database } from "bun:sqlite";
import type { Retention } from "../../log/log.ts";
import type { TrimmerParts } from "./trimmer.ts";

interface TopicRow {
  readonly id: number;
  readonly name: string;
  readonly floor: number;
  readonly retained: number;
  readonly swept: number;
  readonly kept: number;
}

/** The steps of a trim. Each runs inside a transaction and looks at a bounded number of rows. */
export class Sweep {
  readonly #parts: TrimmerParts;
  readonly #sql: ReturnType<typeof statements>;

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
    this.#sql = statements(parts.db);
  }

  /** Trims the topics after an id until the step is long enough; the id to go on after, undefined at the end. */
  topicsAfter(id: number): number | undefined {
    this.#parts.index.write();
    const budget = { rows: STEP_ROWS };
    let last = id;
    for (const topic of this.#sql.topics.all(id, STEP_TOPICS)) {
      if (!this.#trimTopic(topic, budget)) return last;
      last = topic.id;
    }
    return last === id ? undefined : last;
  }

  /** Removes the oldest messages of all, about as many as take so many bytes; how many. */
  oldest(bytes: number): number {
    this.#parts.index.write();
    let freed = 0;
    let count = 0;
    for (const { offset, topic, name, size } of this.#sql.oldest.all(STEP_ROWS)) {
      if (freed >= bytes) break;
      this.#remove(topic, offset);
      this.#sql.raise.run(offset, topic);
      this.#parts.topics.uncache(name);
      freed += size + ROW_BYTES;
      count += 1;
    }
    return count;
  }

  /** Forgets topics without messages that are too many, the longest idle first; how many. */
  forgetIdle(most: number): number {
    const excess = (this.#sql.count.get()?.count ?? 0) - most;
    if (excess <= 0) return 0;
    const idle = this.#sql.idle.all(Math.min(excess, STEP_TOPICS));
    const { topics, meta } = this.#parts;
    for (const { id, name, floor } of idle) {
      this.#sql.forget.run(id);
      topics.uncache(name);
      topics.forgotten = Math.max(topics.forgotten, floor);
    }
    if (idle.length > 0) meta.set("forgotten", topics.forgotten);
    return idle.length;
  }

  /** False if the step ended before the topic was done. */
  #trimTopic(topic: TopicRow, budget: { rows: number }): boolean {
    const retention = this.#parts.retention(topic.name);
    const now = this.#parts.clock.now();
    const sized = this.#floorBySize(topic, retention);
    const floor = this.#floorByAge(topic.id, sized, now - retention.age, budget);
    if (floor > topic.floor) this.#sql.raise.run(floor, topic.id);
    if (floor > topic.floor) this.#parts.topics.uncache(topic.name);
    const rows = this.#sql.removable.all(topic.id, floor, topic.retained, now - retention.idWindow, budget.rows);
    for (const { offset } of rows) this.#remove(topic.id, offset);
    budget.rows -= rows.length;
    return budget.rows > 0;
  }

  /** The topic's floor after its size is applied. Skipped where nothing came since the last time. */
  #floorBySize(topic: TopicRow, { size }: Retention): number {
    const head = this.#parts.index.newest(topic.id);
    if (head === topic.swept && topic.kept <= size) return topic.floor;
    const floor = Math.max(topic.floor, this.#sql.beyond.get(topic.id, topic.floor, size)?.offset ?? 0);
    this.#sql.swept.run(head, size, topic.id);
    return floor;
  }

  /** Raises the floor over messages that were stored at or before `oldest`. */
  #floorByAge(topicId: number, from: number, oldest: number, budget: { rows: number }): number {
    let floor = from;
    for (let count = FIRST_ROWS; budget.rows > 0; count = STEP_ROWS) {
      const rows = this.#sql.aged.all(topicId, floor, Math.min(count, budget.rows));
      const fresh = rows.findIndex((row) => row.at > oldest);
      const expired = fresh < 0 ? rows.length : fresh;
      floor = rows[expired - 1]?.offset ?? floor;
      budget.rows -= expired;
      if (fresh >= 0 || rows.length === 0) return floor;
    }
    return floor;
  }

  #remove(topic: number, offset: number): void {
    this.#sql.remove.run(offset);
    this.#sql.unindex.run(topic, offset);
  }
}

/** Rows and topics of one transaction: a few milliseconds. */
const STEP_ROWS = 2000;
const STEP_TOPICS = 500;
/** What a row takes beside its payload, roughly. */
const ROW_BYTES = 64;
/** Rows that are looked at first: most topics have nothing that is too old. */
const FIRST_ROWS = 1;

function statements(db: Database) {
  return {
    topics: db.prepare<TopicRow, [number, number]>("SELECT * FROM topics WHERE id > ? ORDER BY id LIMIT ?"),
    beyond: db.prepare<{ offset: number }, [number, number, number]>(
      "SELECT offset FROM by_topic WHERE topic = ? AND offset > ? ORDER BY offset DESC LIMIT 1 OFFSET ?",
    ),
    aged: db.prepare<{ offset: number; at: number }, [number, number, number]>(
      `SELECT m.offset, m.time + m.lag AS at FROM by_topic b CROSS JOIN messages m ON m.offset = b.offset
       WHERE b.topic = ? AND b.offset > ? ORDER BY b.offset LIMIT ?`,
    ),
    removable: db.prepare<{ offset: number }, [number, number, number, number, number]>(
      `SELECT m.offset FROM by_topic b CROSS JOIN messages m ON m.offset = b.offset
       WHERE b.topic = ?1 AND b.offset <= ?2 AND b.offset <> ?3 AND (m.id IS NULL OR m.time + m.lag <= ?4) LIMIT ?5`,
    ),
    oldest: db.prepare<{ offset: number; topic: number; name: string; size: number }, [number]>(
      `SELECT m.offset, m.topic, t.name, length(m.payload) AS size FROM messages m CROSS JOIN topics t ON t.id = m.topic
       WHERE m.offset <> t.retained ORDER BY m.offset LIMIT ?`,
    ),
    idle: db.prepare<{ id: number; name: string; floor: number }, [number]>(
      `SELECT id, name, floor FROM topics t
       WHERE NOT EXISTS (SELECT 1 FROM by_topic b WHERE b.topic = t.id) ORDER BY floor LIMIT ?`,
    ),
    count: db.prepare<{ count: number }, []>("SELECT count(*) AS count FROM topics"),
    raise: db.prepare<unknown, [number, number]>("UPDATE topics SET floor = max(floor, ?) WHERE id = ?"),
    swept: db.prepare<unknown, [number, number, number]>("UPDATE topics SET swept = ?, kept = ? WHERE id = ?"),
    forget: db.prepare<unknown, [number]>("DELETE FROM topics WHERE id = ?"),
    remove: db.prepare<unknown, [number]>("DELETE FROM messages WHERE offset = ?"),
    unindex: db.prepare<unknown, [number, number]>("DELETE FROM by_topic WHERE topic = ? AND offset = ?"),
  };
}
