import type { Retention } from "../../log/log.ts";
import { Doomed } from "./doomed.ts";
import { sweepStatements, type TopicRow } from "./sweep-statements.ts";
import type { TrimmerParts } from "./trimmer.ts";

/** The steps of a trim. Each runs inside a transaction and looks at a bounded number of rows. */
export class Sweep {
  readonly #parts: TrimmerParts;
  readonly #sql: ReturnType<typeof sweepStatements>;
  /** Offsets of messages that nobody sees any more, still in the file. */
  readonly #doomed = new Doomed();

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
    this.#sql = sweepStatements(parts.db);
  }

  /** Before the first step: what a run that failed has left behind will be found again. */
  begin(): void {
    this.#doomed.clear();
  }

  /**
   * Takes the messages of the topics after an id out of sight, until the step is long enough; the id to go on after,
   * undefined at the end. Topics that have more than one step of them go into `unfinished`.
   */
  topicsAfter(id: number, unfinished: number[]): number | undefined {
    const topics = this.#sql.topics.all(id, STEP_TOPICS);
    const done = this.#trimTopics(topics, unfinished);
    return topics[done - 1]?.id;
  }

  /** The same for some of the topics, which it takes from the list. */
  topics(ids: number[], unfinished: number[]): void {
    const topics = ids.slice(0, STEP_TOPICS).flatMap((id) => this.#sql.topic.get(id) ?? []);
    const done = this.#trimTopics(topics, unfinished);
    // Those that are gone are done, too.
    ids.splice(0, done === topics.length ? STEP_TOPICS : ids.indexOf(topics[done]!.id));
  }

  /** Whether `remove` must come before more topics are looked at. */
  get isFull(): boolean {
    return this.#doomed.size >= ROOM;
  }

  /**
   * Removes some messages from the file; false when none are left. In the order of the log: a page of the file holds
   * messages of many topics, and topic by topic each page would be written again for every one of them.
   */
  remove(): boolean {
    let left = REMOVE_ROWS;
    for (let run = this.#doomed.takeRun(left); run !== undefined; run = this.#doomed.takeRun(left)) {
      this.#sql.remove.run(run.first, run.last);
      left -= run.last - run.first + 1;
      if (left <= 0) return true;
    }
    for (let part = this.#doomed.takeTopic(); part !== undefined; part = this.#doomed.takeTopic()) {
      const { topic, upTo, mixed } = part;
      left -= 1 + (mixed ? this.#sql.unindexGone : this.#sql.unindex).run(topic, upTo).changes;
      if (left <= 0) return true;
    }
    this.#doomed.clear();
    return false;
  }

  /** Removes the oldest messages of all, about as many as take so many bytes; how many. */
  oldest(bytes: number): number {
    this.#parts.index.write();
    let freed = 0;
    let count = 0;
    for (const { offset, topic, name, size } of this.#sql.oldest.all(REMOVE_ROWS)) {
      if (freed >= bytes) break;
      this.#sql.remove.run(offset, offset);
      this.#raise(offset, topic);
      this.#sql.unindexOne.run(topic, offset);
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

  /** How many of them were done: the step may have become long enough before the last. */
  #trimTopics(topics: readonly TopicRow[], unfinished: number[]): number {
    this.#parts.index.write();
    let rows = 0;
    let done = 0;
    for (const topic of topics) {
      if (rows >= STEP_ROWS || this.isFull) break;
      const looked = this.#trimTopic(topic);
      if (looked >= TOPIC_ROWS) unfinished.push(topic.id);
      rows += looked;
      done += 1;
    }
    return done;
  }

  /** How many rows were looked at; `TOPIC_ROWS` or more if there may be more to do. */
  #trimTopic(topic: TopicRow): number {
    const retention = this.#parts.retention(topic.name);
    const now = this.#parts.clock.now();
    const budget = { rows: TOPIC_ROWS };
    const sized = this.#floorBySize(topic, retention);
    const floor = this.#floorByAge(topic.id, sized, now - retention.age, budget);
    if (floor > topic.floor) this.#raise(floor, topic.id);
    if (floor > topic.floor) this.#parts.topics.uncache(topic.name);
    const rows = this.#sql.removable.all(topic.id, floor, topic.retained, now - retention.idWindow, TOPIC_ROWS);
    for (const { offset } of rows) this.#doomed.add(offset);
    this.#unindexLater(topic.id, rows.length, rows.at(-1)?.offset ?? floor);
    return Math.max(TOPIC_ROWS - budget.rows, rows.length);
  }

  /** Takes what a topic has up to an offset out of sight. */
  #raise(floor: number, topic: number): void {
    this.#sql.raise.run(floor, topic);
    this.#parts.recent.forget(floor);
  }

  #unindexLater(topic: number, doomed: number, upTo: number): void {
    const indexed = this.#sql.indexed.get(topic, upTo)?.count ?? 0;
    // More than the doomed: messages that stay, or whose index an earlier trim did not come to, as the process ended.
    if (indexed > 0) this.#doomed.addTopic({ topic, upTo, mixed: indexed > doomed });
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
}

/** Rows and topics that one transaction looks at: some milliseconds. */
const STEP_ROWS = 2000;
const STEP_TOPICS = 100;
/** Rows of a topic before it is the turn of others, so that those that are removed together lie together. */
const TOPIC_ROWS = 500;
/** Rows that are removed together: half a megabyte while a trim runs, sorted in some milliseconds. */
const ROOM = 65_536;
/** Rows that one transaction removes: a millisecond or two (bench/sqlite-index.ts). */
const REMOVE_ROWS = 1000;
/** What a row takes beside its payload, roughly. */
const ROW_BYTES = 64;
/** Rows that are looked at first: most topics have nothing that is too old. */
const FIRST_ROWS = 1;
