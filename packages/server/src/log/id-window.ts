import { Fifo } from "./fifo.ts";

/** Where the first message with an id stands. */
export interface Known {
  readonly offset: number;
  readonly previous: number;
  /** When the log stored it, in milliseconds since 1970. */
  readonly at: number;
}

interface Entry extends Known {
  readonly topic: string;
  readonly id: string;
}

/**
 * The message ids that were stored lately, for each topic. Held in memory and bounded twice: by time, and by number. At
 * the second bound the oldest ids are forgotten early, which `forgottenEarly` counts.
 */
export class IdWindow {
  readonly #capacity: number;
  readonly #topics = new Map<string, Map<string, Entry>>();
  /** In the order of arrival, for all topics: that is also the order of `at`, save where the clock was set back. */
  readonly #queue = new Fifo<Entry>();
  /** The longest window of any id held: what is older than that is dropped. */
  #longest = 0;
  #forgottenEarly = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#queue.size;
  }

  get forgottenEarly(): number {
    return this.#forgottenEarly;
  }

  find(topic: string, id: string, now: number, window: number): Known | undefined {
    const known = this.#topics.get(topic)?.get(id);
    return known !== undefined && now - known.at < window ? known : undefined;
  }

  add(topic: string, id: string, known: Known, window: number): void {
    if (window <= 0) return;
    if (window > this.#longest) this.#longest = window;
    const entry: Entry = { topic, id, offset: known.offset, previous: known.previous, at: known.at };
    const ids = this.#topics.get(topic);
    if (ids === undefined) this.#topics.set(topic, new Map([[id, entry]]));
    else ids.set(id, entry);
    this.#queue.push(entry);
    if (this.#queue.size > this.#capacity) this.#forgetFirst();
  }

  /** Drops what no window covers any more. */
  expire(now: number): void {
    for (;;) {
      const first = this.#queue.first;
      if (first === undefined || now - first.at < this.#longest) return;
      this.#forget(this.#queue.shift());
    }
  }

  /** Takes back the newest ids, down to and with `offset`: their batch was not stored. */
  takeBack(offset: number): void {
    for (;;) {
      const last = this.#queue.last;
      if (last === undefined || last.offset < offset) return;
      this.#forget(this.#queue.pop());
    }
  }

  #forgetFirst(): void {
    const first = this.#queue.shift();
    if (first !== undefined && this.#topics.get(first.topic)?.get(first.id) === first) this.#forgottenEarly += 1;
    this.#forget(first);
  }

  #forget(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const ids = this.#topics.get(entry.topic);
    // The id may have come again after its window: then the newer entry stays.
    if (ids?.get(entry.id) !== entry) return;
    ids.delete(entry.id);
    if (ids.size === 0) this.#topics.delete(entry.topic);
  }
}
