import { matches, namespaceOf, type Stored } from "@tidegate/protocol";
import { must } from "./violation.ts";

/** A message that a log has stored. */
export interface Fact {
  readonly epoch: string;
  readonly stored: Stored;
  readonly topic: string;
  /** Unlike that of any other publish. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Number of the event that stored it; a later event has a greater one. */
  readonly tick: number;
  /** Event by which some client knew of it: acknowledged, or delivered. */
  known: number | undefined;
}

/** What really happened: every message that any log stored, in its order. Knows nothing of sessions or delivery. */
export class Truth {
  readonly #epochs = new Map<string, Fact[]>();
  readonly #heads = new Map<string, number>();
  readonly #byKey = new Map<string, Fact[]>();
  readonly #ids = new Map<string, Fact>();
  readonly #now: () => number;
  readonly #idWindow: (topic: string) => number;
  /** Counts events. */
  tick = 0;

  constructor(now: () => number, idWindow: (topic: string) => number) {
    this.#now = now;
    this.#idWindow = idWindow;
  }

  get size(): number {
    return this.#epochs.values().reduce((sum, facts) => sum + facts.length, 0);
  }

  get epochs(): readonly string[] {
    return [...this.#epochs.keys()];
  }

  head(epoch: string): number {
    return this.#epochs.get(epoch)?.at(-1)?.stored.offset ?? 0;
  }

  /** A log says that it stored these. */
  stored(epoch: string, batch: readonly Stored[]): void {
    this.tick++;
    for (const stored of batch) this.#add(epoch, stored);
  }

  at(epoch: string, offset: number): Fact | undefined {
    const facts = this.#epochs.get(epoch) ?? [];
    const found = facts[this.#indexAfter(facts, offset) - 1];
    return found?.stored.offset === offset ? found : undefined;
  }

  /** Stored messages that the filter names, after one offset, up to and with another. */
  *between(epoch: string, filter: string, after: number, to: number): Generator<Fact> {
    const facts = this.#epochs.get(epoch) ?? [];
    for (let i = this.#indexAfter(facts, after); i < facts.length; i++) {
      const fact = facts[i];
      if (fact === undefined || fact.stored.offset > to) return;
      if (fact.topic === filter || matches(filter, fact.topic)) yield fact;
    }
  }

  /** The first that `between` gives. */
  first(epoch: string, filter: string, after: number, to: number): Fact | undefined {
    return this.between(epoch, filter, after, to).next().value as Fact | undefined;
  }

  of(key: string): readonly Fact[] {
    return this.#byKey.get(key) ?? [];
  }

  #add(epoch: string, stored: Stored): void {
    const { topic, id, payload } = stored.message;
    const facts = this.#epochs.get(epoch) ?? [];
    const head = facts.at(-1)?.stored.offset ?? 0;
    must(stored.offset > head, "G1", () => `offset ${stored.offset} came after ${head} in epoch ${epoch}`);
    const chain = `${epoch} ${topic}`;
    const previous = this.#heads.get(chain) ?? 0;
    must(
      stored.previous === previous,
      "G1",
      () => `${topic}/${stored.offset}: previous is ${stored.previous}, not ${previous}`,
    );
    const fact = { epoch, stored, topic, key: payload.text, at: this.#now(), tick: this.tick, known: undefined };
    if (id !== undefined) this.#checkId(`${chain} ${id}`, fact);
    const same = this.#byKey.get(fact.key);
    const twice =
      fact.key !== "" && same?.some((one) => one.epoch === epoch && fact.at - one.at < this.#idWindow(topic));
    must(twice !== true, "G6", () => `${topic}: ${fact.key} was stored twice`, [topic]);
    this.#heads.set(chain, stored.offset);
    this.#epochs.set(epoch, facts);
    facts.push(fact);
    if (same === undefined) this.#byKey.set(fact.key, [fact]);
    else same.push(fact);
  }

  #checkId(key: string, fact: Fact): void {
    const before = this.#ids.get(key);
    const window = this.#idWindow(fact.topic);
    must(
      before === undefined || fact.at - before.at >= window,
      "G6",
      () => `${key} was stored twice within its window`,
      [fact.topic],
    );
    this.#ids.set(key, fact);
  }

  #indexAfter(facts: readonly Fact[], offset: number): number {
    let low = 0;
    let high = facts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((facts[middle]?.stored.offset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether the filter names topics of one namespace only, and so has positions. */
export function isPlaced(filter: string): boolean {
  const namespace = namespaceOf(filter);
  return namespace !== "#" && namespace !== "+";
}
