import { isWildcard, matches, type Stored } from "@tidegate/protocol";
import type { Page, ReadQuery } from "./log.ts";
import { PageBuilder } from "./page.ts";

/** Messages and payload bytes that are held at most; past either the older half goes. */
export interface RecentBounds {
  readonly messages: number;
  readonly bytes: number;
}

export const RECENT: RecentBounds = { messages: 2048, bytes: 1024 * 1024 };

/**
 * The newest messages of the log, without a gap: whoever is only just behind the end reads them here and not where all
 * are kept, from where they would have to be made again. Many are: a client that takes 100 at a time is behind whenever 101 come at once.
 */
export class Recent {
  readonly #bounds: RecentBounds;
  #stored: Stored[] = [];
  #bytes = 0;

  constructor(bounds: RecentBounds) {
    this.#bounds = bounds;
  }

  /** They are as durable as promised. */
  add(stored: readonly Stored[]): void {
    const last = this.#stored.at(-1);
    if (last !== undefined && stored[0]?.offset !== last.offset + 1) this.#drop(this.#stored.length);
    for (const one of stored) {
      this.#stored.push(one);
      this.#bytes += one.message.payload.size;
    }
    const { messages, bytes } = this.#bounds;
    while (this.#stored.length > messages || this.#bytes > bytes) this.#drop(Math.ceil(this.#stored.length / 2));
  }

  /** Retention has taken messages up to here out of sight. */
  forget(upTo: number): void {
    const first = this.#stored[0];
    if (first !== undefined && first.offset <= upTo) this.#drop(upTo - first.offset + 1);
  }

  /** What a `read` gives; undefined where it begins before what is held. */
  read(query: ReadQuery): Page | undefined {
    const first = this.#stored[0];
    const last = this.#stored.at(-1);
    if (first === undefined || last === undefined || query.after < first.offset - 1) return undefined;
    const page = new PageBuilder(query);
    const wild = isWildcard(query.filter);
    for (let i = query.after - first.offset + 1; i < this.#stored.length; i++) {
      const stored = this.#stored[i]!;
      const { topic } = stored.message;
      if ((wild ? matches(query.filter, topic) : topic === query.filter) && !page.add(stored)) break;
    }
    // Whatever was removed is older than what is held.
    return page.finish(last.offset, true);
  }

  /** The oldest ones. */
  #drop(count: number): void {
    for (const { message } of this.#stored.slice(0, count)) this.#bytes -= message.payload.size;
    this.#stored = this.#stored.slice(count);
  }
}
