import type { Database } from "bun:sqlite";

/** Rows of one statement: a call for each would be a call for sixteen bytes. */
export const ROWS = 32;

/** At most `limit` offsets of a topic before one and after `floor`, descending. */
export interface Backwards {
  readonly topicId: number;
  readonly before: number;
  readonly floor: number;
  readonly limit: number;
}

/** The table `by_topic`: the offsets of each topic's messages. */
export class ByTopic {
  readonly #fill;
  readonly #insertOne;
  readonly #insertMany;
  readonly #before;
  readonly #missing;

  constructor(db: Database) {
    this.#fill = db.prepare<unknown, [number, number]>(
      "INSERT OR IGNORE INTO by_topic SELECT topic, offset FROM messages WHERE offset > ? AND offset <= ? ORDER BY topic, offset",
    );
    this.#insertOne = db.prepare<unknown, number[]>(insertOf(1));
    this.#insertMany = db.prepare<unknown, number[]>(insertOf(ROWS));
    this.#before = db.prepare<unknown, [number, number, number, number]>(
      "SELECT offset FROM by_topic WHERE topic = ? AND offset < ? AND offset > ? ORDER BY offset DESC LIMIT ?",
    );
    this.#missing = db.prepare<unknown, [number]>(
      "SELECT topic, offset FROM messages WHERE offset > ? ORDER BY offset",
    );
  }

  /** Topics and offsets of all messages after an offset, ascending. */
  missing(after: number): [number, number][] {
    return this.#missing.values(after) as [number, number][];
  }

  /** Takes in all messages after an offset, up to another one. */
  fill(after: number, upTo: number): void {
    this.#fill.run(after, upTo);
  }

  /** `values`: topic, offset, topic, offset and so on, `ROWS` times at most. */
  insert(values: readonly number[]): void {
    if (values.length === 2 * ROWS) this.#insertMany.run(...values);
    else for (let at = 0; at < values.length; at += 2) this.#insertOne.run(values[at]!, values[at + 1]!);
  }

  before({ topicId, before, floor, limit }: Backwards): number[] {
    return this.#before.values(topicId, before, floor, limit).map((row) => row[0] as number);
  }
}

function insertOf(rows: number): string {
  return `INSERT OR IGNORE INTO by_topic VALUES ${Array<string>(rows).fill("(?, ?)").join(", ")}`;
}
