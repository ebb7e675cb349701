import type { Database } from "bun:sqlite";
import type { TopicIndex } from "./topic-index.ts";

/** A topic as the file has it, and its newest offset. Only the writer and the trimmer change it. */
export interface Topic {
  readonly id: number;
  readonly name: string;
  head: number;
  floor: number;
  retained: number;
}

/**
 * The topics of the file, with a bounded cache. Two maps make it: the one being filled, and the one before; what is used
 * moves to the first, and what was not used for a whole filling goes. No bookkeeping on a hit.
 */
export class Topics {
  readonly #index: TopicIndex;
  readonly #find;
  readonly #insert;
  readonly #setRetained;
  #fresh = new Map<string, Topic>();
  #stale = new Map<string, Topic>();
  /** Newest offset of any topic that was forgotten. */
  forgotten: number;

  constructor(db: Database, index: TopicIndex, forgotten: number) {
    this.#index = index;
    this.forgotten = forgotten;
    this.#find = db.prepare<Omit<Topic, "head">, [string]>(
      "SELECT id, name, floor, retained FROM topics WHERE name = ?",
    );
    this.#insert = db.prepare<unknown, [string, number]>("INSERT INTO topics (name, floor) VALUES (?, ?)");
    this.#setRetained = db.prepare<unknown, [number, number]>("UPDATE topics SET retained = ? WHERE id = ?");
  }

  get(name: string): Topic | undefined {
    return this.#fresh.get(name) ?? this.#reload(name);
  }

  /** Inside a transaction. */
  getOrInsert(name: string): Topic {
    return this.get(name) ?? this.#create(name);
  }

  /** Inside a transaction; 0 for none. */
  setRetained(topic: Topic, offset: number): void {
    if (topic.retained === offset) return;
    this.#setRetained.run(offset, topic.id);
    topic.retained = offset;
  }

  /** What the cache holds may not be so: a transaction was taken back, or topics were trimmed. */
  dropCache(): void {
    this.#fresh = new Map();
    this.#stale = new Map();
  }

  uncache(name: string): void {
    this.#fresh.delete(name);
    this.#stale.delete(name);
  }

  #reload(name: string): Topic | undefined {
    const stale = this.#stale.get(name);
    if (stale !== undefined) return this.#cache(stale);
    const found = this.#find.get(name);
    if (found === null) return undefined;
    return this.#cache({ ...found, head: Math.max(this.#index.newest(found.id), found.floor) });
  }

  #create(name: string): Topic {
    const floor = this.forgotten;
    const id = Number(this.#insert.run(name, floor).lastInsertRowid);
    return this.#cache({ id, name, head: floor, floor, retained: 0 });
  }

  #cache(topic: Topic): Topic {
    if (this.#fresh.size >= CACHED / 2) {
      this.#stale = this.#fresh;
      this.#fresh = new Map();
    }
    this.#fresh.set(topic.name, topic);
    return topic;
  }
}

/** Topics in the cache, some hundred bytes each. */
const CACHED = 100_000;
