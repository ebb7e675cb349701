/** A map whose entries together weigh at most `limit`; the oldest go first. What is heavier than all of it is not kept. */
export class WeightedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  /** Of the same value always the same: a weight beside each entry would cost an object each. */
  readonly #weigh: (value: V) => number;
  #weight = 0;

  constructor(limit: number, weigh: (value: V) => number) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight + weight <= this.#limit) break;
      this.#delete(oldest);
    }
    this.#entries.set(key, value);
    this.#weight += weight;
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #delete(key: string): void {
    const value = this.#entries.get(key);
    if (value !== undefined && this.#entries.delete(key)) this.#weight -= this.#weigh(value);
  }
}
