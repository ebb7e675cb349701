import type { Stored } from "@tidegate/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Fanout } from "./connection.ts";
import type { Group, Pending } from "./group.ts";

export interface FlushCounters {
  /** Messages times receivers. */
  deliveries: number;
  /** Groups flushed; deliveries / writes is what batching gained. */
  writes: number;
  /** Longest time from intake to flush in milliseconds, until somebody sets it back. */
  slowest: number;
}

/**
 * Decides when pending messages leave. When quiet: in the turn that stored them. When busy: a flush whose writes cost
 * so many milliseconds is followed by a pause as long, up to `maxDelay`, so that the next one gathers more messages
 * into each write. High priority leaves at once.
 */
export class Flusher {
  readonly counters: FlushCounters = { deliveries: 0, writes: 0, slowest: 0 };
  readonly #clock: Clock;
  readonly #fanout: Fanout;
  readonly #maxDelay: number;
  #ready: Group[] = [];
  #urgent = false;
  #pauseUntil = 0;
  #wake: Cancel | undefined = undefined;

  constructor(clock: Clock, fanout: Fanout, maxDelay: number) {
    this.#clock = clock;
    this.#fanout = fanout;
    this.#maxDelay = maxDelay;
  }

  /** The group has something pending: it leaves with the next flush, or after the namespace's batch delay. */
  queue(group: Group, pending: Pending, urgent: boolean): void {
    const { delay, messages, bytes } = group.policy.batch;
    const full = pending.messages.length >= messages || pending.bytes >= bytes;
    if (urgent) this.#urgent = true;
    if (pending.queued === "ready") return;
    if (delay === 0 || full || urgent) {
      pending.queued = "ready";
      this.#ready.push(group);
    } else if (pending.queued === "no") {
      pending.queued = "delayed";
      this.#clock.after(delay, () => this.#delayOver(group));
    }
  }

  /** Sends what is ready, unless a pause is on. */
  flush(): void {
    if (this.#ready.length === 0) return;
    const wait = this.#pauseUntil - this.#clock.now();
    if (wait > 0 && !this.#urgent) this.#wake ??= this.#clock.after(wait, this.#flushNow);
    else this.#flushNow();
  }

  /** Sends what is pending in one group, so that somebody can join or leave it between two messages. */
  flushGroup(group: Group): void {
    this.#send(group);
  }

  /** Sends a message that came behind newer ones at once. */
  late(group: Group, stored: Stored): void {
    group.late(stored, this.#fanout);
    this.counters.deliveries += group.members;
    this.counters.writes += group.members;
  }

  #delayOver(group: Group): void {
    if (group.pending?.queued !== "delayed") return;
    group.pending.queued = "ready";
    this.#ready.push(group);
    this.flush();
  }

  #flushNow = (): void => {
    this.#wake?.();
    this.#wake = undefined;
    const groups = this.#ready;
    const urgent = this.#urgent;
    this.#ready = [];
    this.#urgent = false;
    let writes = 0;
    if (urgent) for (const group of groups) if (group.pending?.messages.some(isHigh)) writes += this.#send(group);
    for (const group of groups) writes += this.#send(group);
    const cost = Math.floor(writes * MILLISECONDS_PER_WRITE);
    if (cost >= BUSY) this.#pauseUntil = this.#clock.now() + Math.min(cost, this.#maxDelay);
  };

  #send(group: Group): number {
    const messages = group.pending?.messages;
    if (messages === undefined) return 0;
    const delay = this.#clock.now() - (messages[0]?.message.time ?? Number.POSITIVE_INFINITY);
    if (delay > this.counters.slowest) this.counters.slowest = delay;
    const receivers = group.flush(this.#fanout);
    this.counters.deliveries += receivers * messages.length;
    this.counters.writes += receivers;
    return receivers;
  }
}

/** One write to one socket takes about 5 µs, nearly all of it the kernel's (bench:micro, fan-out in batches of 1). */
const MILLISECONDS_PER_WRITE = 0.005;

/** A flush that costs less, in milliseconds, comes from a hiccup and not from load: a pause would only make it longer. */
const BUSY = 3;

function isHigh(stored: Stored): boolean {
  return stored.message.priority === 2;
}
