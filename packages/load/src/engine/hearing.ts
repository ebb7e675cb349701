import type { Correctness } from "../result/types.ts";
import { markNumber, markPublisher, markTime } from "../wire/mark.ts";
import type { Crowd } from "./crowd.ts";
import { Ledger, type StreamEnd, UNKNOWN } from "./ledger.ts";
import type { Member } from "./member.ts";
import type { TopicPlan } from "./plan.ts";

/** What the members of a crowd hear: their subscriptions, and what came on them. */
export class Hearing {
  readonly #crowd: Crowd;
  readonly #each: number;
  readonly #ledger: Ledger;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#each = crowd.plan.subscribes?.each ?? 0;
    this.#ledger = new Ledger(subscribed(crowd), crowd.around.plan.scenario.limits.delayedAfter * 1000);
  }

  /** The member's subscriptions stand. `sentOf` knows what this agent's streams have sent. */
  stands(member: Member, now: number, sentOf: (stream: number) => number | undefined): void {
    const silent = !this.#crowd.around.anyPublished();
    const floorOf = (stream: number): number => (silent ? 0 : (sentOf(stream) ?? UNKNOWN));
    for (let k = 0; k < this.#each; k++) this.#ledger.stands(member.local * this.#each + k, now, floorOf);
  }

  /** The member's connection has gone. */
  falls(member: Member): void {
    for (let k = 0; k < this.#each; k++) this.#ledger.falls(member.local * this.#each + k);
  }

  /** A message with a mark at `bytes[mark]` came; `place` is its place in its topic, NaN where it is not known. */
  delivered(member: Member, bytes: Uint8Array, mark: number, now: number, place: number): void {
    const { around, counters } = this.#crowd;
    const stream = markPublisher(bytes, mark);
    const number = markNumber(bytes, mark);
    const due = markTime(bytes, mark);
    if (!(number > 0 && due >= 0)) return counters.error("mark", "a mark that is no mark");
    const latency = now - due;
    counters.delivered += 1;
    counters.latency.record(latency);
    around.phaseHistogram(due).record(latency);
    const first = member.local * this.#each;
    for (let subscription = first; subscription < first + this.#each; subscription++)
      if (this.#ledger.hears(subscription, stream))
        return this.#ledger.note(subscription, stream, number, latency, place);
    this.#ledger.foreign(first, stream, number);
  }

  /** Deliveries that are due and have not come, if streams have sent so many; with `final` they are lost. */
  judge(endOf: (stream: number) => StreamEnd, final: boolean): number {
    const outstanding = this.#ledger.outstanding(endOf);
    if (final) this.#ledger.settle(endOf);
    return outstanding;
  }

  /** Undefined for a population that does not subscribe. */
  correctness(): Correctness | undefined {
    const { subscribes, spec, protocol } = this.#crowd.plan;
    if (subscribes === undefined) return undefined;
    const { counts, subscriptions, examples } = this.#ledger;
    return {
      ...counts,
      population: spec.name,
      protocol,
      subscriptions,
      expected: counts.received + counts.lost,
      examples: examples.map((text) => `${spec.name}: ${text}`),
    };
  }
}

/** The topic of each subscription. */
function subscribed({ members, plan: { subscribes }, around }: Crowd): TopicPlan[] {
  if (subscribes === undefined) return [];
  const { each, topics } = subscribes;
  return members.flatMap(({ number }) =>
    Array.from({ length: each }, (_, k) => around.plan.topics[topics[number * each + k]!]!),
  );
}
