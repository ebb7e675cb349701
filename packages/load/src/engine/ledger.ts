import { Gaps } from "./gaps.ts";

/** The number from which on a subscription must hear a stream is not known. */
export const UNKNOWN = 0xffffffff;
/** A subscription that does not stand. */
const AWAY = -1;
const KEPT_EXAMPLES = 10;
/** Microseconds: a stream that sent so long after the subscription stood must have been heard. */
const SILENT = 1_000_000;

export interface LedgerCounts {
  received: number;
  lost: number;
  repeated: number;
  reordered: number;
  delayed: number;
  foreign: number;
  maxLatency: number;
}

/** What a stream has sent in the end. */
export interface StreamEnd {
  readonly sent: number;
  /** Microseconds: due moment of its last message; 0 if it sent none. */
  readonly last: number;
}

/**
 * What the subscriptions of one population in one agent heard, message by message. A subscription has a slot for each
 * stream of its topic; streams number their messages without a gap, so whatever is not the next number is a fault.
 * Flat arrays: at 15,000 subscriptions of ten streams each it is 1.3 MB.
 */
export class Ledger {
  readonly counts: LedgerCounts = {
    received: 0,
    lost: 0,
    repeated: 0,
    reordered: 0,
    delayed: 0,
    foreign: 0,
    maxLatency: 0,
  };
  readonly examples: string[] = [];
  /** First slot of each subscription, and one more at the end. */
  readonly #firstSlot: Uint32Array;
  readonly #firstStream: Uint32Array;
  /** Highest number heard; 0 for nothing yet. */
  readonly #heard: Uint32Array;
  /** Numbers up to this one were sent before the subscription stood. */
  readonly #floor: Uint32Array;
  /** Microseconds: since when the subscription stands, or AWAY. */
  readonly #since: Float64Array;
  /** Highest place in its topic that a subscription heard, where the server says it; 0 for none yet. */
  readonly #place: Float64Array;
  readonly #gaps = new Gaps();
  readonly #delayedAfter: number;

  /** `streams[i]` are the streams that subscription `i` hears; `delayedAfter` in microseconds. */
  constructor(streams: readonly { readonly firstStream: number; readonly streams: number }[], delayedAfter: number) {
    this.#firstSlot = new Uint32Array(streams.length + 1);
    this.#firstStream = Uint32Array.from(streams, ({ firstStream }) => firstStream);
    for (const [i, { streams: count }] of streams.entries()) this.#firstSlot[i + 1] = this.#firstSlot[i]! + count;
    const slots = this.#firstSlot[streams.length]!;
    this.#heard = new Uint32Array(slots);
    this.#floor = new Uint32Array(slots).fill(UNKNOWN);
    this.#since = new Float64Array(streams.length).fill(AWAY);
    this.#place = new Float64Array(streams.length);
    this.#delayedAfter = delayedAfter;
  }

  get subscriptions(): number {
    return this.#firstStream.length;
  }

  /** The subscription stands from `now` on. `floorOf` says what a stream has sent by now, or UNKNOWN. */
  stands(subscription: number, now: number, floorOf: (stream: number) => number): void {
    this.#since[subscription] = now;
    this.#place[subscription] = 0;
    for (let slot = this.#firstSlot[subscription]!; slot < this.#firstSlot[subscription + 1]!; slot++) {
      this.#heard[slot] = 0;
      this.#floor[slot] = floorOf(this.#streamOf(subscription, slot));
      this.#gaps.forget(slot);
    }
  }

  /** Its connection has gone: what is sent from now on is not for it. */
  falls(subscription: number): void {
    this.#since[subscription] = AWAY;
    for (let slot = this.#firstSlot[subscription]!; slot < this.#firstSlot[subscription + 1]!; slot++) {
      this.#heard[slot] = 0;
      this.#floor[slot] = UNKNOWN;
      this.#gaps.forget(slot);
    }
  }

  /** True if the stream is one of the subscription's topic. */
  hears(subscription: number, stream: number): boolean {
    const slot = stream - this.#firstStream[subscription]!;
    return slot >= 0 && slot < this.#firstSlot[subscription + 1]! - this.#firstSlot[subscription]!;
  }

  /**
   * A message came. `latency` in microseconds since its scheduled moment; `place` grows from message to message of the
   * topic, whoever published them, and is NaN where the server does not say it.
   */
  note(subscription: number, stream: number, number: number, latency: number, place = Number.NaN): void {
    const { counts } = this;
    if (latency > counts.maxLatency) counts.maxLatency = latency;
    if (latency > this.#delayedAfter) this.#delayed(subscription, stream, number, latency);
    const slot = this.#firstSlot[subscription]! + stream - this.#firstStream[subscription]!;
    const heard = this.#heard[slot]!;
    if (heard > 0 && number <= heard) return this.#late(slot, subscription, stream, number);
    counts.received += 1;
    this.#heard[slot] = number;
    if (place <= this.#place[subscription]!) this.#overtaken(subscription, stream, number, place);
    else if (place > 0) this.#place[subscription] = place;
    if (number === heard + 1) return;
    const before = heard > 0 ? heard : this.#floor[slot]!;
    if (before !== UNKNOWN && number > before + 1) this.#missed(slot, subscription, stream, before + 1, number - 1);
  }

  foreign(subscription: number, stream: number, number: number): void {
    this.counts.foreign += 1;
    this.#example(`subscription ${subscription} got message ${number} of stream ${stream}, which is not of its topic`);
  }

  /** Deliveries that are due and have not come, if streams have sent so many. */
  outstanding(ends: (stream: number) => StreamEnd): number {
    let count = 0;
    this.#tails(ends, (_subscription, _slot, from, to) => (count += to - from + 1));
    return count;
  }

  /** What has not come by now is lost. */
  settle(ends: (stream: number) => StreamEnd): void {
    this.#tails(ends, (subscription, slot, from, to) => {
      this.#heard[slot] = to;
      this.#missed(slot, subscription, this.#streamOf(subscription, slot), from, to);
    });
  }

  #tails(
    ends: (stream: number) => StreamEnd,
    tail: (subscription: number, slot: number, from: number, to: number) => void,
  ): void {
    for (let subscription = 0; subscription < this.subscriptions; subscription++) {
      const since = this.#since[subscription]!;
      if (since === AWAY) continue;
      for (let slot = this.#firstSlot[subscription]!; slot < this.#firstSlot[subscription + 1]!; slot++) {
        const { sent, last } = ends(this.#streamOf(subscription, slot));
        const before = this.#heard[slot]! > 0 ? this.#heard[slot]! : this.#floor[slot]!;
        if (before !== UNKNOWN && before < sent) tail(subscription, slot, before + 1, sent);
        // Nothing at all of a stream that was at work: how much is not known, one message at least.
        else if (before === UNKNOWN && last > since + SILENT) tail(subscription, slot, sent, sent);
      }
    }
  }

  #late(slot: number, subscription: number, stream: number, number: number): void {
    if (!this.#gaps.take(slot, number)) {
      this.counts.repeated += 1;
      return this.#example(`subscription ${subscription} got message ${number} of stream ${stream} twice`);
    }
    this.counts.lost -= 1;
    this.counts.received += 1;
    this.counts.reordered += 1;
    this.#example(`subscription ${subscription} got message ${number} of stream ${stream} after a later one`);
  }

  /** In the order of its publisher, but behind a later message of another one. */
  #overtaken(subscription: number, stream: number, number: number, place: number): void {
    this.counts.reordered += 1;
    this.#example(
      `subscription ${subscription} got message ${number} of stream ${stream}, which is at ${place} of the topic, ` +
        `after the one at ${this.#place[subscription]}`,
    );
  }

  #missed(slot: number, subscription: number, stream: number, from: number, to: number): void {
    this.counts.lost += to - from + 1;
    this.#gaps.add(slot, from, to);
    const which = from === to ? `message ${from}` : `messages ${from} to ${to}`;
    this.#example(`subscription ${subscription} missed ${which} of stream ${stream}`);
  }

  #delayed(subscription: number, stream: number, number: number, latency: number): void {
    this.counts.delayed += 1;
    this.#example(
      `subscription ${subscription} got message ${number} of stream ${stream} after ${Math.round(latency / 1000)} ms`,
    );
  }

  #example(text: string): void {
    if (this.examples.length < KEPT_EXAMPLES) this.examples.push(text);
  }

  #streamOf(subscription: number, slot: number): number {
    return this.#firstStream[subscription]! + slot - this.#firstSlot[subscription]!;
  }
}
