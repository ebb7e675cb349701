import type { MessagePush, Position, SubscribeState } from "@tidegate/protocol";
import { isPlaced, type Fact, type Truth } from "./truth.ts";
import { must, Violation } from "./violation.ts";

export interface LedgerParts {
  readonly truth: Truth;
  /** `c1 chat/a`: names the subscription in the trace. */
  readonly name: string;
  readonly filter: string;
  /** The epoch of the gateway that serves this connection, for a topic. */
  readonly epochOf: (topic: string) => string;
  readonly since: Position | undefined;
  readonly retained: boolean;
  readonly window: number | undefined;
  /** Whether retention removes messages of these topics: then those that it removed make room in the window. */
  readonly shrinks: boolean;
}

/** What one subscription was given on one connection, held against what was stored. */
export class Ledger {
  readonly parts: LedgerParts;
  /** By epoch: everything up to here was given, or the client knows that it was not. */
  readonly #covered = new Map<string, number>();
  /** By epoch: the newest that was given as new. */
  readonly #newest = new Map<string, number>();
  /** Given and not acknowledged, oldest first. */
  #open: number[] = [];
  #acked: number;
  #start: SubscribeState | undefined = undefined;

  constructor(parts: LedgerParts) {
    this.parts = parts;
    this.#acked = parts.since?.offset ?? 0;
  }

  get isStarted(): boolean {
    return this.#start !== undefined;
  }

  get unacknowledged(): readonly number[] {
    return this.#open;
  }

  /** Where the client would resume; undefined where the filter has no position. */
  get position(): Position | undefined {
    const epoch = this.#start?.epoch;
    if (epoch === undefined) return undefined;
    if (this.parts.window !== undefined) return { epoch, offset: this.#acked };
    return { epoch, offset: this.#covered.get(epoch) ?? 0 };
  }

  /** The reply to `subscribe`. */
  begin(state: SubscribeState, mustRecover: boolean): void {
    const { filter, since, window } = this.parts;
    this.#start = state;
    const { epoch, offset, recovered } = state;
    if (!isPlaced(filter)) {
      this.#check(
        epoch === undefined && offset === undefined && recovered !== true,
        "G4",
        "a filter over namespaces has a position",
      );
      return this.#coverAll();
    }
    if (epoch === undefined || offset === undefined) return this.#fail("G4", "the reply has no position");
    this.#check(epoch === this.parts.epochOf(filter), "G4", "the reply names a wrong epoch");
    this.#check((recovered !== undefined) === (since !== undefined), "G4", `recovered is ${String(recovered)}`);
    if (recovered === true) this.#check(since?.epoch === epoch, "G4", "recovered over a change of epoch");
    if (recovered === false) this.#check(!mustRecover, "G4", "not recovered though nothing was removed");
    const from = recovered === true && since !== undefined ? since.offset : offset;
    this.#covered.set(epoch, from);
    if (window !== undefined) this.#acked = from;
  }

  message({ stored, redelivered }: MessagePush): Fact {
    const { truth, filter, epochOf } = this.parts;
    const { topic, payload } = stored.message;
    const epoch = epochOf(topic);
    this.#check(this.#start !== undefined, "G2", `message ${stored.offset} before the reply to subscribe`);
    const fact = truth.at(epoch, stored.offset);
    if (fact === undefined) return this.#fail("G5", `message ${stored.offset} was given and not stored`);
    const same = fact.topic === topic && fact.key === payload.text && fact.stored.previous === stored.previous;
    this.#check(same, "G5", `message ${stored.offset} is not as it was stored`);
    this.#check(
      truth.first(epoch, filter, stored.offset - 1, stored.offset) !== undefined,
      "G2",
      `${topic} is not of the filter`,
    );
    fact.known ??= truth.tick;
    if (redelivered) this.#again(stored.offset);
    else this.#new(epoch, fact);
    return fact;
  }

  gap(after: number, to: number): void {
    const { filter, truth, epochOf, window } = this.parts;
    this.#check(isPlaced(filter), "G3", "a gap of a filter without positions");
    const epoch = epochOf(filter);
    const covered = this.#covered.get(epoch) ?? 0;
    this.#check(this.#start !== undefined && to > after, "G3", `a gap of ${after} to ${to}`);
    this.#whole(epoch, covered, after, `before a gap of ${after} to ${to}`);
    this.#check((this.#newest.get(epoch) ?? 0) <= after, "G3", `a gap of ${after} to ${to} names what was given`);
    this.#check(truth.first(epoch, filter, after, to) !== undefined, "G3", `a gap of ${after} to ${to} has no message`);
    // With a window, those of the gap that are still there come behind it.
    if (window === undefined) this.#newest.set(epoch, to);
    this.#covered.set(epoch, Math.max(covered, to));
  }

  ack(offset: number): void {
    this.#acked = Math.max(this.#acked, offset);
    this.#open = this.#open.filter((each) => each > offset);
  }

  /** Everything that is stored now must have been given. */
  rest(epochs: readonly string[]): void {
    const { filter, epochOf, truth } = this.parts;
    const all = isPlaced(filter) ? [epochOf(filter)] : epochs;
    for (const epoch of all) {
      const missing = truth.first(epoch, filter, this.#covered.get(epoch) ?? 0, Infinity);
      this.#check(
        missing === undefined,
        "G9",
        `${missing?.topic} ${missing?.stored.offset} of epoch ${epoch} never came`,
      );
    }
  }

  #new(epoch: string, fact: Fact): void {
    const { offset } = fact.stored;
    const newest = this.#newest.get(epoch) ?? 0;
    this.#check(offset > newest, "G2", `message ${offset} came after ${newest}`);
    this.#newest.set(epoch, offset);
    if (this.parts.window !== undefined) this.#window(offset, this.parts.window);
    const covered = this.#covered.get(epoch) ?? 0;
    if (offset <= covered) return this.#early(fact, covered);
    this.#whole(epoch, covered, offset - 1, `before message ${offset}`);
    this.#covered.set(epoch, offset);
  }

  #whole(epoch: string, after: number, to: number, where: string): void {
    const missing = this.parts.truth.first(epoch, this.parts.filter, after, to);
    this.#check(missing === undefined, "G3", `${missing?.topic} ${missing?.stored.offset} was left out ${where}`);
  }

  /** At or before the position: only what a subscription with retained values, or a window past a gap, may be given. */
  #early(fact: Fact, covered: number): void {
    const { retained, window } = this.parts;
    const may = retained || window !== undefined || !isPlaced(this.parts.filter);
    this.#check(may, "G2", `message ${fact.stored.offset} is not after ${covered}`);
  }

  #window(offset: number, size: number): void {
    this.#open.push(offset);
    // Retained values do not count for the window.
    const limit = this.parts.retained || this.parts.shrinks ? Infinity : size;
    this.#check(this.#open.length <= limit, "G8", `${this.#open.length} messages are not acknowledged, ${size} may be`);
  }

  #again(offset: number): void {
    const { window } = this.parts;
    this.#check(window !== undefined, "G8", `message ${offset} was given again without a window`);
    // An acknowledgement may have crossed it.
    this.#check(
      offset <= Math.max(...this.#newest.values()),
      "G8",
      `message ${offset} was given again before it was given`,
    );
  }

  /** Without a position: what is stored from here on must come, and what was on its way may. */
  #coverAll(): void {
    for (const epoch of this.parts.truth.epochs) this.#covered.set(epoch, this.parts.truth.head(epoch));
  }

  #check(holds: boolean, rule: string, message: string): void {
    must(holds, rule, () => `${this.parts.name}: ${message}`, this.#subjects);
  }

  #fail(rule: string, message: string): never {
    throw new Violation(rule, `${this.parts.name}: ${message}`, this.#subjects);
  }

  get #subjects(): readonly string[] {
    return [this.parts.name];
  }
}
