/** A part of a topic's index that is to go. */
export interface Unindex {
  readonly topic: number;
  readonly upTo: number;
  /** Whether there is a message among them that stays. */
  readonly mixed: boolean;
}

/** Messages that are to be removed from the file. Gathered topic by topic, removed in the order of the log. */
export class Doomed {
  #gathered: number[] = [];
  #sorted: Float64Array | undefined = undefined;
  #taken = 0;
  #topics: Unindex[] = [];

  get size(): number {
    return this.#gathered.length;
  }

  /** Not between the first `takeRun` and the one that finds nothing. */
  add(offset: number): void {
    this.#gathered.push(offset);
  }

  /** The topic's index must be cleared when its messages are gone. */
  addTopic(part: Unindex): void {
    this.#topics.push(part);
  }

  /** The oldest offsets that follow one another without a gap, at most so many; undefined when none are left. */
  takeRun(most: number): { readonly first: number; readonly last: number } | undefined {
    const offsets = (this.#sorted ??= Float64Array.from(this.#gathered).sort());
    const first = offsets[this.#taken];
    if (first === undefined) return undefined;
    let last = first;
    do this.#taken += 1;
    while (last - first + 1 < most && offsets[this.#taken] === last + 1 && ++last > 0);
    return { first, last };
  }

  takeTopic(): Unindex | undefined {
    return this.#topics.pop();
  }

  clear(): void {
    this.#gathered = [];
    this.#sorted = undefined;
    this.#taken = 0;
    this.#topics = [];
  }
}
