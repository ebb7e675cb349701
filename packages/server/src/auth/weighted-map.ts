/** A map whose entries together weigh at most `limit`; the oldest go first. What is heavier than all of it is not kept. */
export class WeightedMap<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly weight: number }>();
  readonly #limit: number;
  #weight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: V, weight: number): void {
    this.#delete(key);
    if (weight > this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight + weight <= this.#limit) break;
      this.#delete(oldest);
    }
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#entries.delete(key)) this.#weight -= entry.weight;
  }
}
