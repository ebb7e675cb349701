import { matches } from "@tidegate/protocol";
import type { Gap, Message } from "@tidegate/client";
import type { Fact, Truth } from "./truth.ts";
import { must, Violation } from "./violation.ts";

/** What the SDK said that it could not have. */
interface Excuse extends Pick<Gap, "topic" | "after" | "to"> {
  readonly tick: number;
}

/** What one subscription of the SDK was given over all connections, held against what was stored. */
export class SdkLedger {
  readonly #truth: Truth;
  readonly #name: string;
  readonly #filter: string;
  readonly #window: boolean;
  /** By epoch and topic: the newest that was given. */
  readonly #last = new Map<string, number>();
  readonly #excuses: Excuse[] = [];
  /** The event at which it was first live: what is stored after it must come. */
  #start = Infinity;

  constructor(truth: Truth, name: string, filter: string, window: boolean) {
    this.#truth = truth;
    this.#name = name;
    this.#filter = filter;
    this.#window = window;
  }

  live(): void {
    this.#start = Math.min(this.#start, this.#truth.tick);
  }

  message({ topic, offset, data, redelivered }: Message): void {
    const key = data === "" ? "" : JSON.stringify(data);
    const fact = this.#truth.of(key).findLast((one) => one.topic === topic && one.stored.offset === offset);
    if (fact === undefined)
      throw new Violation("G5", `${this.#name}: ${topic} ${offset} ${key} was not stored`, [this.#name]);
    fact.known ??= this.#truth.tick;
    const place = `${fact.epoch} ${topic}`;
    const last = this.#last.get(place) ?? 0;
    if (redelivered === true && this.#window) return;
    this.#check(offset > last, "G2", () => `${topic} ${offset} came after ${last}`);
    this.#last.set(place, offset);
    for (const between of this.#truth.between(fact.epoch, topic, last, offset - 1))
      this.#check(
        !this.#isOwed(between),
        "G3",
        () => `${topic} ${between.stored.offset} was left out before ${offset}`,
      );
  }

  gap({ topic, after, to }: Gap): void {
    this.#excuses.push({ topic, after, to, tick: this.#truth.tick });
  }

  /** Everything that is stored now must have been given, or told as a gap. */
  rest(epochs: readonly string[]): void {
    for (const epoch of epochs)
      for (const fact of this.#truth.between(epoch, this.#filter, 0, Infinity)) {
        const given = fact.stored.offset <= (this.#last.get(`${epoch} ${fact.topic}`) ?? 0);
        this.#check(
          given || !this.#isOwed(fact),
          "G9",
          () => `${fact.topic} ${fact.stored.offset} of ${epoch} never came`,
        );
      }
  }

  #isOwed(fact: Fact): boolean {
    return fact.tick > this.#start && !this.#excuses.some((excuse) => covers(excuse, fact));
  }

  #check(holds: boolean, rule: string, message: () => string): void {
    must(holds, rule, () => `${this.#name}: ${message()}`, [this.#name]);
  }
}

function covers({ topic, after, to, tick }: Excuse, fact: Fact): boolean {
  const { offset } = fact.stored;
  const isOf = fact.topic === topic || matches(topic, fact.topic);
  return isOf && fact.tick <= tick && (to === undefined || (offset > (after ?? 0) && offset <= to));
}
