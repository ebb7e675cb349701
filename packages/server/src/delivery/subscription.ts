import type { Stored } from "@tidegate/protocol";
import { Batch, encodeAll } from "./batch.ts";
import type { Connection, Encoder } from "./connection.ts";
import type { DirectReceiver, Group } from "./group.ts";
import type { Hub } from "./hub.ts";
import type { AckWindow } from "./ack-window.ts";

/** The session as delivery sees it. */
export interface Subscriber {
  readonly connection: Connection;
  readonly encoder: Encoder;
  /** Resolves when the client has taken enough of what was sent to it; also when it has gone. */
  whenWritable(): Promise<void>;
}

export type Mode =
  /** The log does not give the topic yet: what may come before it does is not this subscription's. */
  | { readonly kind: "waiting" }
  /** The transport's fan-out reaches it: the subscription itself does nothing. */
  | { readonly kind: "native" }
  /** It is handed each batch, of which it takes what comes after an offset. */
  | { readonly kind: "direct"; readonly after: number }
  /** History is being read; what comes live meanwhile waits here, up to a bound. */
  | { readonly kind: "catching-up"; live: Stored[]; overflowed: boolean }
  | { readonly kind: "windowed"; readonly window: AckWindow }
  /** The client is too slow: messages after the offset pass it by; `missed` once one did. */
  | { readonly kind: "lagging"; readonly after: number; missed: boolean }
  | { readonly kind: "ended" };

const NATIVE: Mode = { kind: "native" };
const DIRECT: Mode = { kind: "direct", after: 0 };
const WAITING: Mode = { kind: "waiting" };
const ENDED: Mode = { kind: "ended" };

/** Live messages that wait for a history read before it starts over. */
const MAX_WAITING = 1000;

/** One client's interest in one topic or filter. Each stored message reaches it once, in order, or it is told of a gap. */
export class Subscription implements DirectReceiver {
  readonly subscriber: Subscriber;
  readonly group: Group;
  readonly #hub: Hub;
  #mode: Mode = ENDED;

  constructor(hub: Hub, subscriber: Subscriber, filter: string) {
    this.subscriber = subscriber;
    this.#hub = hub;
    this.group = hub.group(filter);
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Keeps its place in the group until the log gives the topic. */
  wait(): void {
    this.enter(WAITING);
  }

  /**
   * From here on every message after `after` is delivered as it comes. With no offset: every message that was not yet
   * dispatched.
   */
  goLive(after = 0): void {
    this.flush();
    const dispatched = this.group.stream?.dispatched ?? 0;
    if (this.#hasFanout && after <= dispatched) this.enter(NATIVE);
    else this.enter(after === 0 ? DIRECT : { kind: "direct", after });
  }

  /** Sends what is about to leave to the whole group, to this subscription as its mode is now. */
  flush(): void {
    this.#hub.flusher.flushGroup(this.group);
  }

  /** Changes the mode, and with it who hands the messages over. */
  enter(mode: Mode): void {
    const { connection, encoder } = this.subscriber;
    const before = this.#mode.kind;
    this.#mode = mode;
    const topic = encoder.group + this.group.filter;
    if (mode.kind === "native") {
      connection.subscribe(topic);
      this.group.count(encoder, 1);
    } else if (mode.kind !== "ended") this.group.addDirect(this);
    if (before === "native") {
      connection.unsubscribe(topic);
      this.group.count(encoder, -1);
    } else if (mode.kind === "native" || mode.kind === "ended") this.group.removeDirect(this);
  }

  /** `closed`: the connection is gone, and the transport has taken it out of its groups. */
  end(closed = false): void {
    if (this.#mode.kind === "ended") return;
    if (this.#mode.kind === "windowed") this.#mode.window.stop();
    if (closed && this.#mode.kind === "native") {
      this.group.count(this.subscriber.encoder, -1);
      this.#mode = ENDED;
    } else {
      // What was dispatched before belongs to this subscription still.
      if (!closed) this.flush();
      this.enter(ENDED);
    }
    this.#hub.release(this.group);
  }

  deliver(batch: Batch): void {
    const mode = this.#mode;
    switch (mode.kind) {
      case "direct":
        return this.#deliverAfter(mode.after, batch);
      case "catching-up":
        return keep(mode, batch.messages);
      case "windowed":
        return mode.window.live(batch.messages);
      case "lagging":
        mode.missed = true;
        return;
      case "waiting":
      case "native":
      case "ended":
        return;
    }
  }

  late(stored: Stored): void {
    const mode = this.#mode;
    if (mode.kind === "windowed") mode.window.late(stored);
    else this.deliver(new Batch([stored], this.group.label));
  }

  /** Sends messages to this client alone. */
  send(messages: readonly Stored[], redelivered = false): void {
    if (messages.length === 0) return;
    const { connection, encoder } = this.subscriber;
    connection.send(encodeAll(encoder, messages, this.group.label, redelivered));
  }

  /** Lets messages pass by until `catchOn`, because the client does not take what it has. */
  lag(): void {
    if (this.#mode.kind !== "native" && this.#mode.kind !== "direct") return;
    this.flush();
    const { stream, lastOffset } = this.group;
    // Offsets of several logs do not compare: there the gap can only be said to be somewhere.
    const after = stream === undefined ? 0 : Math.max(lastOffset, stream.dispatched);
    this.enter({ kind: "lagging", after, missed: false });
  }

  /** The client takes messages again: tells it what it missed, and goes on live. */
  catchOn(): void {
    if (this.#mode.kind !== "lagging") return;
    const mode = this.#mode;
    this.flush();
    if (mode.missed) {
      const { after } = mode;
      const to = this.group.lastOffset;
      const { connection, encoder } = this.subscriber;
      connection.send(encoder.push({ kind: "gap", topic: this.group.filter, after, to }));
    }
    this.goLive();
  }

  get #hasFanout(): boolean {
    return this.group.realm.fanout && this.subscriber.encoder.group !== undefined;
  }

  #deliverAfter(after: number, batch: Batch): void {
    const { connection, encoder } = this.subscriber;
    const first = batch.messages[0];
    if (first !== undefined && first.offset > after) connection.send(batch.frame(encoder));
    else this.send(batch.messages.filter((stored) => stored.offset > after));
    if (this.#hasFanout && (this.group.stream?.dispatched ?? 0) >= after) this.enter(NATIVE);
  }
}

function keep(mode: Extract<Mode, { kind: "catching-up" }>, messages: readonly Stored[]): void {
  if (mode.overflowed) return;
  mode.live.push(...messages);
  if (mode.live.length <= MAX_WAITING) return;
  mode.overflowed = true;
  mode.live = [];
}
