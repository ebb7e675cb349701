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
import { findRank, firstFrom, remaining } from "./rank.ts";
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
 * what the message-id window does not need leaves the stream: after a restart the server knows ids from what it holds. The last
 * message of a topic stays, out of sight, so that the next one has a predecessor.
 */
export class Trimmer {
  readonly #parts: TrimmerParts;
  /** Every topic of the last list. */
  readonly #settled = new Map<string, Settled>();
  /** When the last list was asked for, of which `#settled` has all; undefined: it has not. */
  #listed: number | undefined;

  constructor(parts: TrimmerParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { jsm, stream, subjects, clock } = this.#parts;
    const now = clock.now();
    const info = await jsm.streams.info(stream, { subjects_filter: subjects.every("m") });
    const counts = Object.entries(info.state.subjects ?? {}).filter((topic) => !this.#isSettled(topic));
    this.#listed = this.#settled.size + counts.length <= MAX_SETTLED ? now : undefined;
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

  /** Since it was looked at no more came to it than there was room for, and nothing has become too old. */
  #isSettled([subject, count]: readonly [string, number]): boolean {
    const settled = this.#settled.get(subject) ?? this.#young(subject, count);
    if (settled === undefined || this.#parts.clock.now() >= settled.until) return false;
    return count === settled.count || (count > settled.count && count - settled.count <= settled.room);
  }

  /** A topic that the last list did not have: all of its messages are younger than that, and none is out of sight. */
  #young(subject: string, count: number): Settled | undefined {
    const { retention, subjects, clockMargin } = this.#parts;
    const { size, age } = retention(subjects.topicOf(subject));
    if (this.#listed === undefined || count > size) return undefined;
    // By another gateway's clock, and some time before it was stored.
    const settled = { count, room: size - count, until: this.#listed - 2 * clockMargin + age };
    this.#settled.set(subject, settled);
    return settled;
  }

  async #topic([subject, count]: readonly [string, number], purgeable: number): Promise<void> {
    const { direct, subjects, chain } = this.#parts;
    const topic = subjects.topicOf(subject);
    const floor = (await chain.floors([topic]))?.get(topic) ?? 0;
    const oldest = await firstFrom(direct, floor + 1, subject);
    const wanted = oldest === undefined ? floor : await this.#floorOf(topic, subject, oldest);
    if (wanted > floor) await this.#setFloor(topic, wanted);
    const hidden = count - Math.min(remaining(oldest), this.#parts.retention(topic).size);
    const removed = hidden > 0 ? await this.#remove(subject, Math.min(wanted, purgeable - 1), hidden) : 0;
    if (this.#settled.size >= MAX_SETTLED) this.#settled.clear();
    this.#settled.set(subject, wanted === floor && removed === 0 ? this.#settle(subject, count, oldest) : UNSETTLED);
  }

  /** What is out of sight but not removed yet is looked at again when its ids do not count any more. */
  #settle(subject: string, count: number, visible: Raw | undefined): Settled {
    const { clock, idWindow, retention, subjects } = this.#parts;
    const { size, age } = retention(subjects.topicOf(subject));
    const tooOld = visible === undefined ? Infinity : this.#atOf(visible) + age;
    // More may have come since they were counted.
    const seesAll = count <= remaining(visible);
    const until = seesAll || count === 1 ? tooOld : Math.min(tooOld, clock.now() + idWindow);
    return { count, until, room: seesAll ? size - remaining(visible) : 0 };
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
    const found = await findRank(direct, { subject, first: oldest, rank: size + 1 });
    if (found === undefined || found.after < size) return 0;
    const raws = await direct.from(found.raw.seq, subject, found.after - size + 1);
    return raws.findLast((raw) => raw.pending >= size)?.seq ?? 0;
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

  /**
   * Removes hidden messages of a subject up to a sequence, but for the last one of all; returns how many. A purge of a subject costs
   * the server what some ten removals do (bench/nats-trim.ts), however many it removes; a few are only removed when they are too old, one by one.
   */
  async #remove(subject: string, upTo: number, hidden: number): Promise<number> {
    const { direct, jsm, stream, clock } = this.#parts;
    const last = await direct.last(subject);
    const seq = Math.min(upTo + 1, last?.seq ?? 0);
    if (hidden > FEW) return seq > 1 ? (await jsm.streams.purge(stream, { filter: subject, seq })).purged : 0;
    const limit = clock.now() - this.#ageOf(subject);
    const isOld = (raw: Raw): boolean => raw.seq < seq && this.#atOf(raw) <= limit;
    const first = await firstFrom(direct, 1, subject);
    if (first === undefined || !isOld(first)) return 0;
    const old = (await direct.from(1, subject, hidden)).filter(isOld);
    for (const raw of old) await jsm.streams.deleteMessage(stream, raw.seq, false);
    return old.length;
  }

  #ageOf(subject: string): number {
    return this.#parts.retention(this.#parts.subjects.topicOf(subject)).age;
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

/** What is known of a topic. */
interface Settled {
  readonly count: number;
  /** So many more need no look, until the time. */
  readonly room: number;
  readonly until: number;
}

const UNSETTLED: Settled = { count: 0, room: 0, until: 0 };
/** Topics that are looked at together. */
const TOGETHER = 32;
/** Hidden messages of a topic that may stay until they are too old. */
const FEW = 64;
/** Topics: some hundred bytes each. Past it all are looked at again. */
const MAX_SETTLED = 100_000;
/** Bytes. */
const RESERVE = 64 * 1024;
/** So that not every trim has a little to remove. */
const MORE = 0.02;
