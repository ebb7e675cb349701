import type { Message, Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { IdWindow } from "../../log/id-window.ts";
import { Pause } from "../../log/pause.ts";
import { RECENT, Recent } from "../../log/recent.ts";
import {
  LogUnavailable,
  type Appended,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type Retention,
  type RetentionOf,
  type TailHandler,
} from "../../log/log.ts";
import { Reader } from "./reader.ts";
import { Store } from "./store.ts";

export interface MemoryLogOptions {
  readonly clock: Clock;
  /** New for every log: nothing of an older one is left. */
  readonly epoch: string;
  readonly retention: RetentionOf;
  /** Bytes of all messages; beyond it the oldest go first. */
  readonly maxBytes: number;
  /** Message ids held at most (about 220 bytes each); beyond it the oldest are forgotten before their time. */
  readonly maxIds?: number;
  /** Topics without messages whose place in the log is remembered (some hundred bytes each). */
  readonly maxIdleTopics?: number;
}

/** The log in memory: fastest, survives nothing. */
export class MemoryLog implements Log {
  readonly durability = "memory";
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #retention: RetentionOf;
  readonly #ids: IdWindow;
  readonly #store: Store;
  readonly #recent = new Recent(RECENT);
  readonly #reader: Reader;
  #head = 0;
  #tail: TailHandler | undefined;
  #closed = false;

  constructor(options: MemoryLogOptions) {
    this.epoch = options.epoch;
    this.#clock = options.clock;
    this.#retention = options.retention;
    this.#ids = new IdWindow(options.maxIds ?? 1_000_000);
    this.#store = new Store({ maxBytes: options.maxBytes, maxIdleTopics: options.maxIdleTopics ?? 100_000 });
    this.#reader = new Reader(this.#store, this.#recent, options.clock, () => this.#head);
  }

  head(): number {
    return this.#head;
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    if (this.#closed) return Promise.reject(closedError());
    if (!this.#store.hasRoomFor(messages)) return Promise.reject(fullError());
    const now = this.#clock.now();
    const results: Appended[] = [];
    const stored: Stored[] = [];
    for (const message of messages) results.push(this.#appendOne(message, now, stored));
    this.#store.shrink();
    this.#ids.expire(now);
    if (stored.length > 0) {
      this.#recent.add(stored);
      this.#tail?.messages(stored);
    }
    return Promise.resolve(results);
  }

  read(query: ReadQuery): Promise<Page> {
    return this.#closed ? Promise.reject(closedError()) : this.#reader.read(query);
  }

  latest(query: LatestQuery): Promise<Page> {
    return this.#closed ? Promise.reject(closedError()) : Promise.resolve(this.#reader.latest(query));
  }

  retained(filter: string, limit: number): Promise<readonly Stored[]> {
    return this.#closed ? Promise.reject(closedError()) : Promise.resolve(this.#reader.retained(filter, limit));
  }

  retainedPage(query: ReadQuery): Promise<RetainedPage> {
    return this.#closed ? Promise.reject(closedError()) : this.#reader.retainedPage(query);
  }

  tail(handler: TailHandler): () => void {
    if (this.#tail !== undefined) throw new Error("this log has a tail already");
    this.#tail = handler;
    return () => {
      if (this.#tail === handler) this.#tail = undefined;
    };
  }

  async trim(): Promise<void> {
    if (this.#closed) throw closedError();
    this.#ids.expire(this.#clock.now());
    const pause = new Pause(this.#clock, TRIM_STEP);
    for (const [name, topic] of this.#store.topics) {
      const { age, size } = this.#retention(name);
      this.#store.limit(topic, size);
      const oldest = this.#clock.now() - age;
      while (this.#store.oldestAt(topic) <= oldest) {
        this.#store.dropFirst(topic);
        if (pause.isDue()) await pause.take();
      }
      if (pause.isDue()) await pause.take();
    }
  }

  probe(): Promise<void> {
    return this.#closed ? Promise.reject(closedError()) : Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #appendOne(message: Message, now: number, stored: Stored[]): Appended {
    const { id, topic } = message;
    const retention = this.#retention(topic);
    const known = id === undefined ? undefined : this.#ids.find(topic, id, now, retention.idWindow);
    if (known !== undefined) return { stored: known, duplicate: true };
    const added = this.#add(message, now, retention);
    if (id !== undefined) this.#ids.add(topic, id, { ...added, at: now }, retention.idWindow);
    stored.push(added);
    return { stored: added, duplicate: false };
  }

  #add(message: Message, now: number, retention: Retention): Stored {
    const topic = this.#store.topic(message.topic);
    const stored: Stored = { message, offset: ++this.#head, previous: topic.head };
    this.#store.add(stored, topic, now);
    this.#store.limit(topic, retention.size);
    return stored;
  }
}

/** Topics and messages that one step of a trim handles: under a millisecond. */
const TRIM_STEP = 2000;

function closedError(): LogUnavailable {
  return new LogUnavailable("the log is closed");
}

function fullError(): LogUnavailable {
  return new LogUnavailable("the memory log is full: retained values would take more than all of its bytes");
}
