import type { Database } from "bun:sqlite";
import type { Message, Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import type { IdWindow } from "../../log/id-window.ts";
import type { Appended, RetentionOf } from "../../log/log.ts";
import { RowWriter } from "./rows.ts";
import type { Topic, Topics } from "./topics.ts";
import type { TopicIndex } from "./topic-index.ts";

export interface WriterParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly retention: RetentionOf;
  readonly ids: IdWindow;
  readonly topics: Topics;
  readonly index: TopicIndex;
  /** Newest offset that was ever given. */
  readonly head: number;
}

/** What one transaction stored. */
export interface Batch {
  readonly results: readonly (readonly Appended[])[];
  readonly stored: readonly Stored[];
  /** Payload bytes. */
  readonly bytes: number;
}

/** Puts messages into the file, all of a call in one transaction or none of them. */
export class Writer {
  readonly #parts: WriterParts;
  readonly #rows: RowWriter;
  readonly #begin;
  readonly #commit;
  #committed: number;
  #stored: Stored[] = [];
  #bytes = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#rows = new RowWriter(parts.db);
    this.#begin = parts.db.prepare("BEGIN IMMEDIATE");
    this.#commit = parts.db.prepare("COMMIT");
    this.#committed = parts.head;
  }

  /** Newest offset in the file. */
  get committed(): number {
    return this.#committed;
  }

  /** Throws what SQLite throws; nothing is stored then. */
  store(appends: readonly (readonly Message[])[]): Batch {
    this.#stored = [];
    this.#bytes = 0;
    const now = this.#parts.clock.now();
    try {
      return this.#transact(appends, now);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  #transact(appends: readonly (readonly Message[])[], now: number): Batch {
    const { index, ids } = this.#parts;
    this.#begin.run();
    index.step();
    const results = appends.map((messages) => messages.map((message) => this.#storeOne(message, now)));
    this.#rows.flush();
    this.#commit.run();
    this.#committed += this.#stored.length;
    ids.expire(now);
    return { results, stored: this.#stored, bytes: this.#bytes };
  }

  #storeOne(message: Message, at: number): Appended {
    const { ids, retention, topics } = this.#parts;
    const { id } = message;
    const window = id === undefined ? 0 : retention(message.topic).idWindow;
    const known = id === undefined ? undefined : ids.find(message.topic, id, at, window);
    if (known !== undefined) return { stored: known, duplicate: true };
    const stored = this.#insert(message, topics.getOrInsert(message.topic), at);
    if (id !== undefined) ids.add(message.topic, id, { offset: stored.offset, previous: stored.previous, at }, window);
    return { stored, duplicate: false };
  }

  #insert(message: Message, topic: Topic, at: number): Stored {
    const offset = this.#committed + this.#stored.length + 1;
    const stored: Stored = { message, offset, previous: topic.head };
    this.#rows.add(message, { offset, previous: topic.head, topicId: topic.id, at });
    const { size } = message.payload;
    if (message.retain) this.#parts.topics.setRetained(topic, size === 0 ? 0 : offset);
    topic.head = offset;
    this.#parts.index.add(topic.id, offset);
    this.#stored.push(stored);
    this.#bytes += size;
    return stored;
  }

  /** After a failure: what is in memory must say what the file says. */
  #takeBack(): void {
    const { db, ids, index, topics } = this.#parts;
    if (db.inTransaction) db.run("ROLLBACK");
    this.#rows.takeBack();
    ids.takeBack(this.#committed + 1);
    index.reload();
    topics.dropCache();
  }
}
