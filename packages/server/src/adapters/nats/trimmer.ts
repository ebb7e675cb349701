import type { JetStreamManager } from "@nats-io/jetstream";
import type { Clock } from "../../clock.ts";
import type { RetentionOf } from "../../log/log.ts";
import type { Chain } from "./chain.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Exchange } from "./exchange.ts";
import { floorOf, putFloor } from "./floor.ts";
import type { Lost } from "./lost.ts";
import { firstFrom, remaining } from "./rank.ts";
import { recordOf } from "./record.ts";
import { type Counted, SettledTopics } from "./settled-topics.ts";
import { shrink } from "./shrink.ts";
import type { Subjects } from "./subjects.ts";

export interface TrimmerParts {
  readonly clock: Clock;
  readonly jsm: JetStreamManager;
  readonly stream: string;
  readonly exchange: Exchange;
  readonly direct: Direct;
  readonly chain: Chain;
  readonly subjects: Subjects;
  readonly retention: RetentionOf;
  readonly lost: Lost;
  readonly maxBytes: number;
  /** How long the server knows an id, in milliseconds of its own clock, and by how much that one may differ. */
  readonly idWindow: number;
  readonly clockMargin: number;
  readonly isClosed: () => boolean;
}

/**
 * Removes what the retention does not cover, in two steps. A topic's floor, a message of its own, takes them out of sight; then
 * what the message-id window does not need leaves the stream: after a restart the server knows ids from what it holds. The last
 * message of a topic stays, out of sight, so that the next one has a predecessor.
 */
export class Trimmer {
  readonly #parts: TrimmerParts;
  readonly #settled: SettledTopics;

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
    this.#settled = new SettledTopics(parts);
  }

  async run(): Promise<void> {
    const { jsm, stream, subjects, clock } = this.#parts;
    const now = clock.now();
    const info = await jsm.streams.info(stream, { subjects_filter: subjects.every("m") });
    const counts = this.#settled.unsettled(Object.entries(info.state.subjects ?? {}), now);
    const purgeable = await this.#purgeable(info.state.last_seq);
    for (let i = 0; i < counts.length && !this.#parts.isClosed(); i += TOGETHER)
      await Promise.all(counts.slice(i, i + TOGETHER).map((topic) => this.#topic(topic, purgeable)));
    await shrink(this.#parts);
  }

  /** Sequences below this one are older than the message-id window. */
  async #purgeable(last: number): Promise<number> {
    const { direct, subjects, clock, idWindow, clockMargin } = this.#parts;
    const young = await direct.since(clock.now() - idWindow - clockMargin, subjects.all);
    return young?.seq ?? last + 1;
  }

  async #topic([subject, count]: Counted, purgeable: number): Promise<void> {
    const { direct, subjects, chain, exchange, retention } = this.#parts;
    const topic = subjects.topicOf(subject);
    const floor = (await chain.floors([topic]))?.get(topic) ?? 0;
    const oldest = await firstFrom(direct, floor + 1, subject);
    const wanted = oldest === undefined ? floor : Math.max(floor, await floorOf(this.#parts, topic, oldest));
    if (wanted > floor) await putFloor(exchange, subjects.of("f", topic), wanted);
    const hidden = count - Math.min(remaining(oldest), retention(topic).size);
    const removed = hidden > 0 ? await this.#remove(subject, Math.min(wanted, purgeable - 1), hidden) : 0;
    if (wanted === floor && removed === 0) this.#settled.settle(subject, count, oldest);
    else this.#settled.forget(subject);
  }

  /**
   * Removes hidden messages of a subject up to a sequence, but for the last one of all; returns how many. A purge of a subject costs
   * the server what some ten removals do (bench/nats-trim.ts), however many it removes; a few are only removed when they are too
   * old, one by one.
   */
  async #remove(subject: string, upTo: number, hidden: number): Promise<number> {
    const { direct, jsm, stream, clock } = this.#parts;
    const last = await direct.last(subject);
    const seq = Math.min(upTo + 1, last?.seq ?? 0);
    if (hidden > FEW) return seq > 1 ? (await jsm.streams.purge(stream, { filter: subject, seq })).purged : 0;
    const limit = clock.now() - this.#ageOf(subject);
    const isOld = (raw: Raw): boolean => raw.seq < seq && recordOf(raw).at <= limit;
    const first = await firstFrom(direct, 1, subject);
    if (first === undefined || !isOld(first)) return 0;
    const old = (await direct.from(1, subject, hidden)).filter(isOld);
    for (const raw of old) await jsm.streams.deleteMessage(stream, raw.seq, false);
    return old.length;
  }

  #ageOf(subject: string): number {
    return this.#parts.retention(this.#parts.subjects.topicOf(subject)).age;
  }
}

/** Topics that are looked at together. */
const TOGETHER = 32;
/** Hidden messages of a topic that may stay until they are too old. */
const FEW = 64;
