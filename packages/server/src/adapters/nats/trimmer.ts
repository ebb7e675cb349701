import type { JetStreamManager } from "@nats-io/jetstream";
import type { Clock } from "../../clock.ts";
import { LogUnavailable, type RetentionOf } from "../../log/log.ts";
import { parseAck } from "./ack.ts";
import type { Chain } from "./chain.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Exchange } from "./exchange.ts";
import { encodeHead } from "./head.ts";
import { hardBytes } from "./open-stream.ts";
import type { Lost } from "./lost.ts";
import { firstFrom, remaining, seqWithRank } from "./rank.ts";
import { decodeRecord, HEADER } from "./record.ts";
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
 * the stream is purged of what the message-id window does not need: after a restart the server knows ids from what it holds. The
 * last message of a topic stays, out of sight, so that the next one has a predecessor.
 */
export class Trimmer {
  readonly #parts: TrimmerParts;
  /** Topics that need no look: how many messages they had, and until when that is enough to know. */
  readonly #settled = new Map<string, { readonly count: number; readonly until: number }>();

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { jsm, stream, subjects } = this.#parts;
    const info = await jsm.streams.info(stream, { subjects_filter: subjects.every("m") });
    const counts = Object.entries(info.state.subjects ?? {}).filter((topic) => !this.#isSettled(topic));
    const purgeable = await this.#purgeable(info.state.last_seq);
    for (let i = 0; i < counts.length && !this.#parts.isClosed(); i += TOGETHER)
      await Promise.all(counts.slice(i, i + TOGETHER).map((topic) => this.#topic(topic, purgeable)));
    await this.#shrink();
  }

  /** Sequences below this one are older than the message-id window. */
  async #purgeable(last: number): Promise<number> {
    const { direct, subjects, clock, idWindow, clockMargin } = this.#parts;
    const young = await direct.since(clock.now() - idWindow - clockMargin, subjects.all);
    return young?.seq ?? last + 1;
  }

  /** Nothing came to it and nothing has become too old since the last trim. */
  #isSettled([subject, count]: readonly [string, number]): boolean {
    const settled = this.#settled.get(subject);
    return settled?.count === count && this.#parts.clock.now() < settled.until;
  }

  async #topic([subject, count]: readonly [string, number], purgeable: number): Promise<void> {
    const { direct, subjects, chain } = this.#parts;
    const topic = subjects.topicOf(subject);
    const floor = (await chain.floors([topic]))?.get(topic) ?? 0;
    const oldest = await firstFrom(direct, floor + 1, subject);
    const wanted = oldest === undefined ? floor : await this.#floorOf(topic, subject, oldest);
    if (wanted > floor) await this.#setFloor(topic, wanted);
    const purged = wanted > 0 ? await this.#purge(subject, Math.min(wanted, purgeable - 1)) : 0;
    if (wanted === floor && purged === 0) this.#settle(subject, count, oldest);
    else this.#settled.delete(subject);
  }

  /** What is out of sight but not purged yet is looked at again when its ids do not count any more. */
  #settle(subject: string, count: number, oldest: Raw | undefined): void {
    const { clock, retention, subjects, idWindow } = this.#parts;
    if (this.#settled.size >= MAX_SETTLED) this.#settled.clear();
    const { age } = retention(subjects.topicOf(subject));
    const tooOld = oldest === undefined ? Infinity : this.#atOf(oldest) + age;
    this.#settled.set(subject, { count, until: Math.min(tooOld, clock.now() + idWindow) });
  }

  /** Offset of the newest message that the retention does not cover; 0 if it covers all. */
  async #floorOf(topic: string, subject: string, oldest: Raw): Promise<number> {
    const { size, age } = this.#parts.retention(topic);
    const bySize = remaining(oldest) > size ? await this.#lastBeyond(subject, oldest, size) : 0;
    const limit = this.#parts.clock.now() - age;
    return Math.max(bySize, this.#atOf(oldest) <= limit ? await this.#lastBefore(subject, oldest, limit) : 0);
  }

  /** The newest message with at least `size` after it. */
  async #lastBeyond(subject: string, oldest: Raw, size: number): Promise<number> {
    const { direct } = this.#parts;
    let seq = await seqWithRank(direct, { subject, from: oldest.seq, end: Number.MAX_SAFE_INTEGER, rank: size + 1 });
    for (let floor = 0; ;) {
      const raws = await direct.from(seq, subject, PAGE);
      const last = raws.findLast((raw) => raw.pending >= size);
      if (last === undefined) return floor;
      floor = last.seq;
      if (last !== raws.at(-1) || last.pending === 0) return floor;
      seq = floor + 1;
    }
  }

  /** The newest message that was stored at a time or before. Times follow the order but for the difference of clocks. */
  async #lastBefore(subject: string, oldest: Raw, time: number): Promise<number> {
    const { direct, subjects } = this.#parts;
    let low = oldest.seq;
    let high = ((await direct.last(subjects.all))?.seq ?? low) + 1;
    while (high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      const found = await firstFrom(direct, middle, subject);
      if (found !== undefined && found.seq < high && this.#atOf(found) <= time) low = found.seq;
      else high = middle;
    }
    return low;
  }

  #atOf(raw: Raw): number {
    return decodeRecord("", raw.head.get(HEADER), raw.message.data).at;
  }

  #setFloor(topic: string, floor: number): Promise<void> {
    return this.#put(this.#parts.subjects.of("f", topic), floor);
  }

  /** One message for a subject, in place of the one before. */
  async #put(subject: string, value: number): Promise<void> {
    const head = encodeHead([["Nats-Rollup", "sub"]]);
    const [answer] = await this.#parts.exchange.ask(subject, String(value), { head });
    const ack = parseAck(answer);
    if (ack.kind === "refused") throw new LogUnavailable(`the log was not trimmed: ${ack.why}`);
  }

  /** Removes the messages of a subject up to a sequence, but for the last one of all; returns how many. */
  async #purge(subject: string, upTo: number): Promise<number> {
    const { direct, jsm, stream } = this.#parts;
    const [last, first] = await Promise.all([direct.last(subject), firstFrom(direct, 1, subject)]);
    if (last === undefined || first === undefined) return 0;
    const seq = Math.min(upTo + 1, last.seq);
    return first.seq < seq ? (await jsm.streams.purge(stream, { filter: subject, seq })).purged : 0;
  }

  /** Over its bytes, the oldest messages of all topics go; retained values and floors stay. */
  async #shrink(): Promise<void> {
    const { jsm, stream, maxBytes, subjects, lost } = this.#parts;
    const { state } = await jsm.streams.info(stream);
    const excess = state.bytes - maxBytes;
    if (excess <= 0) return;
    const share = Math.min(1, excess / state.bytes + MORE);
    const upTo = state.first_seq + Math.ceil((state.last_seq - state.first_seq) * share);
    await this.#withRoom(state.bytes, () => this.#put(subjects.lost, Math.max(lost.upTo, upTo)));
    await jsm.streams.purge(stream, { filter: subjects.every("m"), seq: upTo + 1 });
    if (state.bytes + RESERVE > hardBytes(maxBytes))
      await jsm.streams.update(stream, { max_bytes: hardBytes(maxBytes) });
  }

  /** A stream that is full has no room for the word that it loses something. Its bound is raised for that moment. */
  async #withRoom(bytes: number, task: () => Promise<void>): Promise<void> {
    const { jsm, stream, maxBytes } = this.#parts;
    const bound = hardBytes(maxBytes);
    if (bytes + RESERVE > bound) await jsm.streams.update(stream, { max_bytes: bound + RESERVE });
    await task();
  }
}

/** Topics that are looked at together. */
const TOGETHER = 32;
const PAGE = 200;
/** Topics: some hundred bytes each. Past it all are looked at again. */
const MAX_SETTLED = 100_000;
/** Bytes. */
const RESERVE = 64 * 1024;
/** So that not every trim has a little to remove. */
const MORE = 0.02;
