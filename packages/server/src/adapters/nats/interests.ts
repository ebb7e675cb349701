import { covers, isWildcard, matches } from "@tidegate/protocol";

/** One filter that the tail was asked for. */
export interface Wanted {
  readonly filter: string;
  /** How many asked for it. */
  users: number;
  /** From this sequence on all of its messages come; Infinity until that is known. */
  since: number;
}

/** The filters that somebody asked for. */
export class Interests {
  readonly #exact = new Map<string, Wanted>();
  readonly #wild = new Map<string, Wanted>();

  get size(): number {
    return this.#exact.size + this.#wild.size;
  }

  get(filter: string): Wanted | undefined {
    return (isWildcard(filter) ? this.#wild : this.#exact).get(filter);
  }

  add(filter: string): Wanted {
    const wanted: Wanted = { filter, users: 0, since: Infinity };
    (isWildcard(filter) ? this.#wild : this.#exact).set(filter, wanted);
    return wanted;
  }

  delete(filter: string): void {
    (isWildcard(filter) ? this.#wild : this.#exact).delete(filter);
  }

  /** The sequence from which on all messages of the topic come; Infinity if nobody asked for it. */
  since(topic: string): number {
    let since = this.#exact.get(topic)?.since ?? Infinity;
    for (const wanted of this.#wild.values())
      if (wanted.since < since && matches(wanted.filter, topic)) since = wanted.since;
    return since;
  }

  /** Whether a topic is asked for, if not yet answered. */
  has(topic: string): boolean {
    if (this.#exact.has(topic)) return true;
    for (const { filter } of this.#wild.values()) if (matches(filter, topic)) return true;
    return false;
  }

  /** Whether one filter names all topics of another one with wildcards. */
  hasAll(filter: string): boolean {
    if (this.#wild.has(filter)) return true;
    for (const wanted of this.#wild.values()) if (covers(wanted.filter, filter)) return true;
    return false;
  }

  /** Whether some topic of the filter may be asked for: with wildcards that is not looked at closely. */
  touches(filter: string): boolean {
    return isWildcard(filter) ? this.size > 0 : this.has(filter);
  }
}
