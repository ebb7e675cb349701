import { isWildcard, matches, type Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { PageBuilder, pageOfLatest } from "../../log/page.ts";
import type { LatestQuery, Page, ReadQuery, RetainedPage } from "../../log/log.ts";
import type { Segment } from "./segment.ts";
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
    for (let i = start; i < end; i++) this.#push(messages, topic?.history.at(i));
    const floor = topic?.floor ?? this.#store.forgotten;
    return pageOfLatest({ messages, more: start > 0, limit, before, head: this.#head(), floor, lost: 0 });
  }

  retained(filter: string, limit: number): readonly Stored[] {
    const offsets = this.#retainedOffsets(filter).toSorted((a, b) => a - b);
    return offsets.slice(0, limit).map((offset) => this.#store.segments.stored(offset));
  }

  retainedPage(query: ReadQuery): RetainedPage {
    const page = new PageBuilder(query);
    const offsets = this.#retainedOffsets(query.filter, query.after).toSorted((a, b) => a - b);
    for (const offset of offsets) if (!page.add(this.#store.segments.stored(offset))) break;
    return page.finishRetained();
  }

  #retainedOffsets(filter: string, after = 0): readonly number[] {
    const { retained } = this.#store;
    const offsets: number[] = [];
    for (const { name, retained: offset } of isWildcard(filter) ? retained.values() : ofOne(retained.get(filter)))
      if (offset !== undefined && offset > after && matches(filter, name)) offsets.push(offset);
    return offsets;
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

  /** Walks the whole log in steps, so that a filter that hits little does not hold up the event loop. */
  async #readFilter(query: ReadQuery): Promise<Page> {
    const page = new PageBuilder(query);
    const head = this.#head();
    const visit = (segment: Segment, i: number): boolean =>
      segment.offset(i) <= head && (!matches(query.filter, segment.topic(i).name) || page.add(segment.stored(i)));
    let complete = true;
    for (let after = query.after; ;) {
      complete &&= this.#isComplete(query.filter, after);
      const last = this.#store.segments.walk(after, SCAN_STEP, visit);
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

function ofOne<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** Messages that are looked at in one go: well under a millisecond. */
const SCAN_STEP = 4096;
