import type { Database } from "bun:sqlite";
import type { Clock } from "../../clock.ts";
import type { RetentionOf } from "../../log/log.ts";
import type { Meta } from "./meta.ts";
import type { Recent } from "../../log/recent.ts";
import { Sweep } from "./sweep.ts";
import type { TopicIndex } from "./topic-index.ts";
import type { Topics } from "./topics.ts";

export interface TrimmerParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly retention: RetentionOf;
  readonly meta: Meta;
  readonly topics: Topics;
  readonly index: TopicIndex;
  readonly recent: Pick<Recent, "forget">;
  /** Bytes of the file's used pages; beyond it the oldest messages go. */
  readonly maxBytes: number;
  /** Topics without messages whose place in the log is remembered. */
  readonly maxIdleTopics: number;
  /** Runs a transaction when commits are allowed, and after others of this turn. */
  readonly transact: <T>(task: () => T) => Promise<T>;
}

/**
 * Removes what retention no longer covers. First from sight, by raising a topic's floor; from the file only what the
 * message-id window does not need any more. Each step is one short transaction, and the event loop runs in between.
 */
export class Trimmer {
  readonly #parts: TrimmerParts;
  readonly #sweep: Sweep;
  readonly #pages;

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
    this.#sweep = new Sweep(parts);
    this.#pages = parts.db.prepare<{ used: number }, []>(
      `SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count) AS used`,
    );
  }

  async run(): Promise<void> {
    await this.#trimTopics();
    await this.#shrink();
    await this.#forget();
  }

  /** Every topic, some hundred in a step. A topic with much to remove takes several rounds. */
  async #trimTopics(): Promise<void> {
    this.#sweep.begin();
    // The steps below need the whole index, and would write what is left of it in one go.
    while (await this.#step(() => this.#parts.index.hurry()));
    let unfinished: number[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const last: number = after;
      after = await this.#step(() => this.#sweep.topicsAfter(last, unfinished));
      if (this.#sweep.isFull) await this.#remove();
    }
    await this.#remove();
    while (unfinished.length > 0) {
      const ids = unfinished;
      unfinished = [];
      while (ids.length > 0) {
        await this.#step(() => this.#sweep.topics(ids, unfinished));
        if (this.#sweep.isFull) await this.#remove();
      }
      await this.#remove();
    }
  }

  async #remove(): Promise<void> {
    while (await this.#step(() => this.#sweep.remove()));
  }

  async #shrink(): Promise<void> {
    const { page_size: pageBytes } = this.#parts.db.query<{ page_size: number }, []>("PRAGMA page_size").get() ?? {
      page_size: 4096,
    };
    for (;;) {
      const excess = (this.#pages.get()?.used ?? 0) * pageBytes - this.#parts.maxBytes;
      if (excess <= 0 || (await this.#step(() => this.#sweep.oldest(excess))) === 0) return;
    }
  }

  async #forget(): Promise<void> {
    while ((await this.#step(() => this.#sweep.forgetIdle(this.#parts.maxIdleTopics))) > 0);
  }

  async #step<T>(task: () => T): Promise<T> {
    const result = await this.#parts.transact(task);
    await new Promise<void>((resolve) => this.#parts.clock.endOfTurn(resolve));
    return result;
  }
}
