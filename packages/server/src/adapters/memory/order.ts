import type { Entry } from "./entry.ts";

/**
 * All entries in offset order. Entries leave from anywhere (each topic has its own retention), so that slots become
 * empty; when more than half are, the rest moves together: O(1) on average.
 */
export class Order {
  #offsets: number[] = [];
  #slots: (Entry | undefined)[] = [];
  #front = 0;
  #live = 0;

  get size(): number {
    return this.#live;
  }

  push(entry: Entry): void {
    this.#offsets.push(entry.offset);
    this.#slots.push(entry);
    this.#live += 1;
  }

  /** The oldest entry. */
  first(): Entry | undefined {
    this.#skipEmpty();
    return this.#slots[this.#front];
  }

  remove(offset: number): void {
    const i = this.#offsets[this.#front] === offset ? this.#front : this.#indexAfter(offset - 1);
    if (this.#offsets[i] !== offset || this.#slots[i] === undefined) return;
    this.#slots[i] = undefined;
    this.#live -= 1;
    this.#skipEmpty();
    if (this.#slots.length > 2 * this.#live + SLACK) this.#compact();
  }

  /**
   * Shows `visit` the entries in at most `count` slots after the offset, until it says false. Returns the offset that it
   * got to, undefined if that was the last one or `visit` wanted no more.
   */
  walk(after: number, count: number, visit: (entry: Entry) => boolean): number | undefined {
    const start = this.#indexAfter(after);
    const end = Math.min(start + count, this.#slots.length);
    for (let i = start; i < end; i++) {
      const entry = this.#slots[i];
      if (entry !== undefined && !visit(entry)) return undefined;
    }
    return end < this.#slots.length ? this.#offsets[end - 1] : undefined;
  }

  #skipEmpty(): void {
    while (this.#front < this.#slots.length && this.#slots[this.#front] === undefined) this.#front += 1;
  }

  #indexAfter(offset: number): number {
    let low = this.#front;
    let high = this.#offsets.length;
    // While nothing was moved together, offsets are contiguous and the place follows from the first one.
    const guess = low + offset - (this.#offsets[low] ?? 0) + 1;
    if (this.#offsets[guess - 1] === offset && guess > low) return guess;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    const kept = this.#slots.filter((entry) => entry !== undefined);
    this.#slots = kept;
    this.#offsets = kept.map((entry) => entry.offset);
    this.#front = 0;
  }
}

/** Empty slots that are not worth a copy. */
const SLACK = 1024;
