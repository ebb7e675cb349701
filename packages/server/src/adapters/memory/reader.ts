import { isWildcard, matches, type Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { PageBuilder, pageOfLatest } from "../../log/page.ts";
import type { Recent } from "../../log/recent.ts";
import type { LatestQuery, Page, ReadQuery, RetainedPage } from "../../log/log.ts";
import { HISTORY, RETAINED, type Segment, type Use } from "./segment.ts";
import type { Store } from "./store.ts";

/** Answers queries from the store. An exact topic touches only its own messages. */
export class Reader {
  readonly #store: Store;
  readonly #recent: Recent;
  readonly #clock: Clock;
  readonly #head: () => number;

  constructor(store: Store, recent: Recent, clock: Clock, head: () => number) {
    this.#store = store;
    this.#recent = recent;
    this.#clock = clock;
    this.#head = head;
  }

  read(query: ReadQuery): Promise<Page> {
    if (!isWildcard(query.filter)) return Promise.resolve(this.#readTopic(query));
    // Of what came after everything that was ever removed nothing is missing.
    const recent = query.after >= this.#store.highestFloor ? this.#recent.read(query) : undefined;
    return recent === undefined ? this.#readFilter(query) : Promise.resolve(recent);
  }

  latest({ topic: name, before, limit }: LatestQuery): Page {
    const topic = this.#store.topics.get(name);
    const end = topic?.indexAfter((before ?? Infinity) - 1) ?? 0;
    const start = Math.max(0, end - limit);
    const messages: Stored[] = [];
    for (let i = start; i < end; i++) this.#push(messages, topic?.history.at(i));
    const floor = topic?.floor ?? this.#store.forgotten;
    return pageOfLatest({ messages, more: start > 0, limit, before, head: this.#head(), floor, lost: 0 });
  }

  retained(filter: string, limit: number): readonly Stored[] {
    const found: Stored[] = [];
    if (!isWildcard(filter)) this.#push(found, this.#store.topics.get(filter)?.retained);
    else
      this.#store.segments.walk({ after: 0, count: Infinity, use: RETAINED }, (segment, i) => {
        if (matches(filter, segment.topic(i).name)) found.push(segment.stored(i));
        return found.length < limit;
      });
    return found.slice(0, limit);
  }

  /** Walks in steps, too: there may be as many retained values as the log has room for. */
  async retainedPage(query: ReadQuery): Promise<RetainedPage> {
    const page = new PageBuilder(query);
    if (!isWildcard(query.filter)) {
      const offset = this.#store.topics.get(query.filter)?.retained ?? 0;
      if (offset > query.after) page.add(this.#store.segments.stored(offset));
    } else await this.#walk(query, { use: RETAINED, page });
    return page.finishRetained();
  }

  #push(list: Stored[], offset: number | undefined): void {
    if (offset !== undefined) list.push(this.#store.segments.stored(offset));
  }

  #readTopic(query: ReadQuery): Page {
    const topic = this.#store.topics.get(query.filter);
    const page = new PageBuilder(query);
    const floor = topic?.floor ?? this.#store.forgotten;
    for (let i = topic?.indexAfter(query.after) ?? 0; topic !== undefined && i < topic.history.size; i++) {
      const offset = topic.history.at(i);
      if (offset !== undefined && !page.add(this.#store.segments.stored(offset))) break;
    }
    return page.finish(this.#head(), query.after >= floor);
  }

  async #readFilter(query: ReadQuery): Promise<Page> {
    const page = new PageBuilder(query);
    let complete = true;
    const head = await this.#walk(query, { use: HISTORY, page }, (after) => {
      complete &&= this.#isComplete(query.filter, after);
    });
    return page.finish(head, complete);
  }

  /**
   * Adds to a page in steps, so that a filter that hits little does not hold up the event loop; `step` is called before each.
   * Resolves with the head of the log at the beginning: later messages are not looked at.
   */
  async #walk(
    { filter, after: from }: ReadQuery,
    { use, page }: { readonly use: Use; readonly page: PageBuilder },
    step?: (after: number) => void,
  ): Promise<number> {
    const head = this.#head();
    const visit = (segment: Segment, i: number): boolean =>
      segment.offset(i) <= head && (!matches(filter, segment.topic(i).name) || page.add(segment.stored(i)));
    for (let after = from; ;) {
      step?.(after);
      const last = this.#store.segments.walk({ after, count: SCAN_STEP, use }, visit);
      if (last === undefined || last >= head) return head;
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
