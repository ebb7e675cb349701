import { type Message, type Position, positionOf } from "./message.ts";
import { Tracker, type Verdict } from "./tracker.ts";

/** Where a subscription stands: what it has given out, and from where it goes on after a lost connection. */
export class Cursor {
  readonly #windowed: boolean;
  #tracker: Tracker;
  /** The last message, or with a window the last one acknowledged. */
  #position: Position | undefined;
  /** The greatest offset that was ever given out. */
  #given = 0;
  /** Of everything up to this offset it is known that it was given, or is missing. */
  #whole = 0;

  constructor(since: Position | undefined, windowed: boolean) {
    this.#windowed = windowed;
    this.#position = since && positionOf(since);
    this.#tracker = fresh(since);
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** The last offset seen on a topic, as far as it is known. */
  seen(topic: string): number {
    return this.#tracker.seen(topic);
  }

  judge(message: Message): Verdict {
    return this.#tracker.judge(message);
  }

  /** A subscribe goes out. What was not acknowledged comes again and must not be taken for a duplicate. */
  begin(since: Position | undefined): void {
    if (since === undefined || this.#windowed) this.#tracker = fresh(since);
  }

  /** A subscription begins at `at`, for which nothing before counts. What came ahead of the reply is given already. */
  start(at: Position): void {
    this.#position = { epoch: at.epoch, offset: this.#windowed ? at.offset : Math.max(at.offset, this.#given) };
  }

  /** A subscription begins before its history, which is still to be given. */
  open(epoch: string): void {
    this.#position = { epoch, offset: 0 };
  }

  /** The topics have no common position. */
  unplace(): void {
    this.#position = undefined;
  }

  /** What lies before `at` cannot be had. */
  skipTo(at: Position): void {
    this.#tracker.excuse(at.offset);
    this.#position = at;
  }

  /** What comes after `offset` is needed again. */
  goBack(offset: number): void {
    const at = this.#position;
    if (at && offset < at.offset) this.#position = { epoch: at.epoch, offset };
    this.#whole = Math.min(this.#whole, offset);
  }

  /** The log was made anew: offsets of the old one mean nothing. Up to `excused` nothing was promised. */
  renew(position: Position, excused: number): void {
    this.#position = position;
    this.#tracker = new Tracker(0, excused);
    this.#given = this.#whole = 0;
  }

  /** The message as it is given out. */
  give(message: Message): Message {
    const again = this.#windowed && message.offset <= this.#given;
    this.#tracker.mark(message.topic, message.offset);
    this.#given = Math.max(this.#given, message.offset);
    return again ? { ...message, redelivered: true } : message;
  }

  /** All of the topic up to `offset` was given, or is known to be missing. */
  close(topic: string, offset: number): void {
    this.#tracker.mark(topic, offset);
  }

  /** Breaks at or before `offset` are known, or nothing was promised up to there. */
  excuse(offset: number): void {
    this.#tracker.excuse(offset);
  }

  /** What lies at or before `offset` is a duplicate. */
  skip(offset: number): void {
    this.#tracker.raiseFloor(offset);
  }

  /** All up to `offset` was given; with a window that moves nothing. */
  advance(offset: number): void {
    this.#whole = Math.max(this.#whole, offset);
    if (!this.#windowed) this.resumeAfter(offset);
  }

  /** Never goes back. */
  resumeAfter(offset: number): void {
    const at = this.#position;
    if (at && offset > at.offset) this.#position = { epoch: at.epoch, offset };
  }

  /**
   * An offset that was not given belongs to a log that is no more. One that came from the history of a filter's topic
   * says nothing of the other topics.
   */
  ack(offset: number): void {
    if (offset <= this.#given) this.resumeAfter(Math.min(offset, this.#whole));
  }
}

/** Until the reply says where a new subscription begins, nothing counts as missing. */
function fresh(since: Position | undefined): Tracker {
  return since ? new Tracker(since.offset, since.offset) : new Tracker(0, Infinity);
}
