import { covers, isWildcard } from "@tidegate/protocol";
import { Trie } from "../../router/trie.ts";

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
  /** The same as `#wild`, found by topic: a gateway may have a filter for each of its clients. */
  readonly #byTopic = new Trie<Wanted>();

  get size(): number {
    return this.#exact.size + this.#wild.size;
  }

  get filters(): readonly string[] {
    return [...this.#exact.keys(), ...this.#wild.keys()];
  }

  get(filter: string): Wanted | undefined {
    return (isWildcard(filter) ? this.#wild : this.#exact).get(filter);
  }

  add(filter: string): Wanted {
    const wanted: Wanted = { filter, users: 0, since: Infinity };
    if (isWildcard(filter)) {
      this.#wild.set(filter, wanted);
      this.#byTopic.set(filter, wanted);
    } else this.#exact.set(filter, wanted);
    return wanted;
  }

  delete(filter: string): void {
    if (!isWildcard(filter)) return void this.#exact.delete(filter);
    this.#wild.delete(filter);
    this.#byTopic.delete(filter);
  }

  /** The sequence from which on all messages of the topic come; Infinity if nobody asked for it. */
  since(topic: string): number {
    let since = this.#exact.get(topic)?.since ?? Infinity;
    this.#byTopic.match(topic, (wanted) => (since = Math.min(since, wanted.since)));
    return since;
  }

  /** Whether a topic is asked for, if not yet answered. */
  has(topic: string): boolean {
    if (this.#exact.has(topic)) return true;
    let found = false;
    this.#byTopic.match(topic, () => (found = true));
    return found;
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
