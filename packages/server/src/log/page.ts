import type { Stored } from "@tidegate/protocol";
import type { Page, ReadQuery, RetainedPage } from "./log.ts";

/** Gathers the messages of a `read` up to its bounds, and says whether more lies beyond. Shared by the adapters. */
export class PageBuilder {
  readonly #query: ReadQuery;
  readonly #messages: Stored[] = [];
  #bytes = 0;
  #more = false;

  constructor(query: ReadQuery) {
    this.#query = query;
  }

  get size(): number {
    return this.#messages.length;
  }

  /** Messages that still fit by number, and one more, which tells whether more lies beyond. */
  get wanted(): number {
    return Math.max(0, this.#query.limit - this.#messages.length) + 1;
  }

  /** Messages in ascending order of offset; false when the page is full and this one is not in it. */
  add(stored: Stored): boolean {
    if (this.#isFull()) {
      this.#more = true;
      return false;
    }
    this.#messages.push(stored);
    this.#bytes += stored.message.payload.size;
    return true;
  }

  /** Of retained values, of which all were looked at if the page did not get full before. */
  finishRetained(): RetainedPage {
    return { values: this.#messages, next: this.#more ? this.#messages.at(-1)?.offset : undefined };
  }

  /** `head` is the offset up to which the log was looked through, if the page did not get full before. */
  finish(head: number, complete: boolean): Page {
    const { after } = this.#query;
    const next = this.#more ? (this.#messages.at(-1)?.offset ?? after) : Math.max(after, head);
    return { messages: this.#messages, next, more: this.#more, complete };
  }

  #isFull(): boolean {
    const { limit, maxBytes } = this.#query;
    if (this.#messages.length >= limit) return true;
    return maxBytes !== undefined && this.#messages.length > 0 && this.#bytes >= maxBytes;
  }
}

interface LatestFound {
  readonly messages: readonly Stored[];
  readonly more: boolean;
  readonly limit: number;
  readonly before: number | undefined;
  readonly head: number;
  /** Offset up to which messages of the topic were removed. */
  readonly floor: number;
  /** Offset up to which messages may have been lost. */
  readonly lost: number;
}

/** A page of `latest`: it reaches back to what was removed only if it is not full. */
export function pageOfLatest({ messages, more, limit, before, head, floor, lost }: LatestFound): Page {
  const oldest = messages[0]?.offset ?? 0;
  const complete = (messages.length >= limit || floor === 0) && (lost === 0 || oldest > lost);
  return { messages, next: messages[0]?.offset ?? before ?? head + 1, more, complete };
}
