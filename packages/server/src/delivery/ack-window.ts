import type { Stored } from "@tidegate/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
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
    this.#reading = true;
    this.#readOn()
      .catch(this.#failed)
      .finally(() => (this.#reading = false));
  }

  async #readOn(): Promise<void> {
    while (!this.#stopped && this.#underWay.length < this.#size) {
      this.#stale = false;
      const limit = Math.min(this.#size - this.#underWay.length, 200);
      const page = await this.#log.read({ filter: this.#subscription.group.filter, after: this.#sent, limit });
      if (this.#stopped) return;
      if (!page.complete) this.#tellGap(page.next);
      this.#send(page.messages);
      this.#sent = Math.max(this.#sent, page.next);
      if (!page.more && !this.#stale) {
        this.#current = true;
        return;
      }
      await this.#subscription.subscriber.whenWritable();
    }
  }

  #tellGap(to: number): void {
    const { connection, encoder } = this.#subscription.subscriber;
    connection.send(encoder.push({ kind: "gap", topic: this.#subscription.group.filter, after: this.#sent, to }));
  }

  #send(messages: readonly Stored[]): void {
    if (messages.length === 0) return;
    this.#subscription.send(messages);
    for (const stored of messages) this.#underWay.push(stored.offset);
    this.#sent = messages.at(-1)?.offset ?? this.#sent;
    this.#arm();
  }

  #arm(): void {
    if (this.#underWay.length === 0 || this.#stopped) return;
    this.#timer ??= this.#clock.after(this.#wait, () => {
      this.#timer = undefined;
      this.#sendAgain().catch(this.#failed);
    });
  }

  async #sendAgain(): Promise<void> {
    const last = this.#underWay.at(-1);
    if (last === undefined) return;
    const filter = this.#subscription.group.filter;
    const page = await this.#log.read({ filter, after: this.#acked, limit: this.#underWay.length });
    if (this.#stopped) return;
    this.#subscription.send(
      page.messages.filter((stored) => stored.offset > this.#acked && stored.offset <= last),
      true,
    );
    // What retention has removed can never be acknowledged.
    if (!page.complete) this.#underWay = page.messages.map((stored) => stored.offset).filter((each) => each <= last);
    this.#arm();
  }
}
