import { isWildcard, matches, type Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { PageBuilder, pageOfLatest } from "../../log/page.ts";
import type { LatestQuery, Page, ReadQuery } from "../../log/log.ts";
import type { Entry } from "./entry.ts";
import type { Store } from "./store.ts";

/** Answers queries from the store. An exact topic touches only its own messages. */
export class Reader {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #head: () => number;

  constructor(store: Store, clock: Clock, head: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#head = head;
  }

  read(query: ReadQuery): Promise<Page> {
    return isWildcard(query.filter) ? this.#readFilter(query) : Promise.resolve(this.#readTopic(query));
  }

  latest({ topic: name, before, limit }: LatestQuery): Page {
    const topic = this.#store.topics.get(name);
    const end = topic?.indexAfter((before ?? Infinity) - 1) ?? 0;
    const start = Math.max(0, end - limit);
    const messages: Stored[] = [];
    for (let i = start; i < end; i++) push(messages, topic?.entries.at(i));
    const floor = topic?.floor ?? this.#store.forgotten;
    return pageOfLatest({ messages, more: start > 0, limit, before, head: this.#head(), floor, lost: 0 });
  }

  retained(filter: string, limit: number): readonly Stored[] {
    const found: Stored[] = [];
    if (!isWildcard(filter)) push(found, this.#store.retained.get(filter)?.retained);
    else
      for (const topic of this.#store.retained.values()) if (matches(filter, topic.name)) push(found, topic.retained);
    return found.toSorted((a, b) => a.offset - b.offset).slice(0, limit);
  }

  #readTopic(query: ReadQuery): Page {
    const topic = this.#store.topics.get(query.filter);
    const page = new PageBuilder(query);
    const floor = topic?.floor ?? this.#store.forgotten;
    for (let i = topic?.indexAfter(query.after) ?? 0; topic !== undefined && i < topic.entries.size; i++) {
      const entry = topic.entries.at(i);
      if (entry !== undefined && !page.add(entry)) break;
    }
    return page.finish(this.#head(), query.after >= floor);
  }

  /** Walks the whole log in steps, so that a filter that hits little does not hold up the event loop. */
  async #readFilter(query: ReadQuery): Promise<Page> {
    const page = new PageBuilder(query);
    const head = this.#head();
    const visit = (entry: Entry): boolean =>
      entry.offset <= head && (!matches(query.filter, entry.topic.name) || page.add(entry));
    let complete = true;
    for (let after = query.after; ;) {
      complete &&= this.#isComplete(query.filter, after);
      const last = this.#store.order.walk(after, SCAN_STEP, visit);
      if (last === undefined || last >= head) return page.finish(head, complete);
      after = last;
      await new Promise<void>((resolve) => this.#clock.endOfTurn(resolve));
    }
  }

  /** Whether nothing after the offset was removed of a topic that the filter names. */
  #isComplete(filter: string, after: number): boolean {
    if (after >= this.#store.highestFloor) return true;
    if (after < this.#store.forgotten) return false;
    for (const topic of this.#store.topics.values())
      if (topic.floor > after && matches(filter, topic.name)) return false;
    return true;
  }
}

/** Messages that are looked at in one go: well under a millisecond. */
const SCAN_STEP = 4096;

function push(list: Stored[], entry: Stored | undefined): void {
  if (entry !== undefined) list.push(entry);
}
