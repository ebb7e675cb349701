/** First in, first out, with both ends open. Slots before the front are given back in bulk: O(1) on average. */
export class Fifo<T> {
  #slots: (T | undefined)[] = [];
  #front = 0;

  get size(): number {
    return this.#slots.length - this.#front;
  }

  get first(): T | undefined {
    return this.#slots[this.#front];
  }

  get last(): T | undefined {
    return this.size === 0 ? undefined : this.#slots[this.#slots.length - 1];
  }

  /** Element `i` from the front. */
  at(i: number): T | undefined {
    return this.#slots[this.#front + i];
  }

  push(value: T): void {
    this.#slots.push(value);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const value = this.#slots[this.#front];
    this.#slots[this.#front] = undefined;
    this.#front += 1;
    if (this.#front > SLACK && this.#front * 2 > this.#slots.length) this.#compact();
    return value;
  }

  pop(): T | undefined {
    return this.size === 0 ? undefined : this.#slots.pop();
  }

  clear(): void {
    this.#slots = [];
    this.#front = 0;
  }

  #compact(): void {
    this.#slots = this.#slots.slice(this.#front);
    this.#front = 0;
  }
}

/** Empty slots that are not worth a copy. */
const SLACK = 32;
