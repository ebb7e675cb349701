import type { Stored } from "@tidegate/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Log, Page } from "../log/log.ts";
import { PAGE_BYTES, PAGE_MESSAGES } from "./catch-up.ts";
import type { Subscription } from "./subscription.ts";

/**
 * A subscription whose messages the client acknowledges. It is a cursor on the log: at most `size` messages are under
 * way, the rest stays in the log until there is room; what is not acknowledged within `wait` is sent again, marked.
 */
export class AckWindow {
  readonly #subscription: Subscription;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #size: number;
  readonly #wait: number;
  readonly #failed: (error: unknown) => void;
  /** Offsets under way, oldest first. */
  #underWay: number[] = [];
  #acked: number;
  #sent: number;
  /** Whether everything dispatched so far was sent, so that a live message may follow directly. */
  #current = false;
  #reading = false;
  /** A live message came while history was read. */
  #stale = false;
  #stopped = false;
  #resending = false;
  #timer: Cancel | undefined = undefined;

  constructor(options: {
    readonly subscription: Subscription;
    readonly log: Log;
    readonly clock: Clock;
    readonly size: number;
    readonly wait: number;
    readonly after: number;
    /** The log could not be read: the subscription cannot go on. */
    readonly failed: (error: unknown) => void;
  }) {
    this.#subscription = options.subscription;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#size = options.size;
    this.#wait = options.wait;
    this.#failed = options.failed;
    this.#acked = this.#sent = options.after;
  }

  start(): void {
    this.#pump();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Messages came live, in order. */
  live(messages: readonly Stored[]): void {
    const fresh = messages.filter((stored) => stored.offset > this.#sent);
    if (fresh.length === 0) return;
    if (this.#current && !this.#reading && this.#underWay.length + fresh.length <= this.#size) this.#send(fresh);
    else {
      this.#current = false;
      this.#stale = true;
      this.#pump();
    }
  }

  /**
   * A message came behind newer ones of other topics. Whether the log gave it before nobody knows, so it is marked; it does not wait for
   * room, because the cursor is past it.
   */
  late(stored: Stored): void {
    if (stored.offset > this.#sent) return this.live([stored]);
    if (this.#underWay.includes(stored.offset)) return;
    this.#subscription.send([stored], true);
    // The client may have acknowledged what is newer: its word covers this one as well.
    if (stored.offset <= this.#acked) return;
    this.#underWay.push(stored.offset);
    this.#underWay.sort((a, b) => a - b);
    this.#arm();
  }

  /** The client is done with everything up to `offset`; an offset that was not sent counts as the last one that was. */
  ack(offset: number): void {
    this.#acked = Math.max(this.#acked, Math.min(offset, this.#sent));
    const open = this.#underWay.findIndex((each) => each > this.#acked);
    this.#underWay = open < 0 ? [] : this.#underWay.slice(open);
    this.#timer?.();
    this.#timer = undefined;
    this.#arm();
    this.#pump();
  }

  #pump(): void {
    if (this.#current || this.#reading || this.#stopped || this.#underWay.length >= this.#size) return;
    this.#readOn().catch(this.#failed);
  }

  async #readOn(): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#stopped && !this.#current && this.#underWay.length < this.#size) {
        this.#stale = false;
        const page = await this.#page(this.#sent, this.#size - this.#underWay.length);
        if (this.#stopped) return;
        this.#take(page);
        if (!page.more && !this.#stale) this.#current = true;
        else await this.#subscription.subscriber.whenWritable();
      }
    } finally {
      // Not in a later turn: a live message between the two would wait for the next one.
      this.#reading = false;
    }
  }

  #page(after: number, room: number): Promise<Page> {
    const { filter } = this.#subscription.group;
    return this.#log.read({ filter, after, limit: Math.min(room, PAGE_MESSAGES), maxBytes: PAGE_BYTES });
  }

  #take(page: Page): void {
    if (page.complete) this.#send(page.messages);
    else this.#passOver(page);
    this.#sent = Math.max(this.#sent, page.next);
  }

  /** Retention was faster. A topic loses its oldest first; of a filter's topics each may have lost others in between. */
  #passOver({ messages, next }: Page): void {
    const { connection, encoder } = this.#subscription.subscriber;
    const { filter: topic, wildcard } = this.#subscription.group;
    const first = wildcard ? undefined : messages[0];
    const to = first === undefined ? next : first.offset - 1;
    if (to > this.#sent) connection.send(encoder.push({ kind: "gap", topic, after: this.#sent, to }));
    if (first !== undefined) this.#send(messages);
  }

  #send(messages: readonly Stored[]): void {
    if (messages.length === 0) return;
    this.#subscription.send(messages);
    for (const stored of messages) this.#underWay.push(stored.offset);
    this.#sent = messages.at(-1)?.offset ?? this.#sent;
    this.#arm();
  }

  #arm(): void {
    if (this.#underWay.length === 0 || this.#stopped || this.#resending) return;
    this.#timer ??= this.#clock.after(this.#wait, () => {
      this.#timer = undefined;
      this.#sendAgain().catch(this.#failed);
    });
  }

  async #sendAgain(): Promise<void> {
    this.#resending = true;
    try {
      await this.#resend();
    } finally {
      this.#resending = false;
    }
    this.#arm();
    this.#pump();
  }

  /** Page by page, at the client's pace: a wide window may hold far more than the client's buffer. */
  async #resend(): Promise<void> {
    const last = this.#underWay.at(-1);
    for (let after = this.#acked; last !== undefined && after < last;) {
      const page = await this.#page(after, this.#underWay.length);
      if (this.#stopped) return;
      const again = page.messages.filter(({ offset }) => offset > this.#acked && offset <= last);
      this.#subscription.send(again, true);
      if (!page.complete) this.#forget(after, Math.min(last, page.next), again);
      if (!page.more) return;
      after = page.next;
      await this.#subscription.subscriber.whenWritable();
    }
  }

  /** What retention has removed can never be acknowledged: it makes room. */
  #forget(after: number, to: number, kept: readonly Stored[]): void {
    const offsets = new Set(kept.map(({ offset }) => offset));
    this.#underWay = this.#underWay.filter((offset) => offset <= after || offset > to || offsets.has(offset));
  }
}
