import { isWildcard, type Stored } from "@tidegate/protocol";
import { messageSize } from "../log/appender.ts";
import type { Stream } from "../log/stream.ts";
import { Batch } from "./batch.ts";
import type { Encoder, Fanout } from "./connection.ts";

/** When the messages of a namespace leave, and what happens to those who cannot keep up. */
export interface DeliveryPolicy {
  readonly batch: {
    /** Milliseconds that a message may wait for others; 0: none beyond the turn. */
    readonly delay: number;
    readonly messages: number;
    readonly bytes: number;
  };
  readonly slowConsumer: "close" | "skip";
  /** Milliseconds until unacknowledged messages of a windowed subscription are sent again. */
  readonly ackWait: number;
}

/** What the groups of a namespace share. */
export interface Realm {
  readonly policy: DeliveryPolicy;
  /** Undefined for filters over several namespaces. */
  readonly stream: Stream | undefined;
  /** Whether the transport's fan-out is worth its memory: a personal topic has only the devices of one user. */
  readonly fanout: boolean;
}

/** A receiver that is handed each batch: one that catches up, acknowledges, or whose transport has no fan-out. */
export interface DirectReceiver {
  deliver(batch: Batch): void;
  /** A message behind newer ones of other topics of a filter. Default: like any other. */
  late?(stored: Stored): void;
}

/** Messages that are about to leave. */
export interface Pending {
  readonly messages: Stored[];
  bytes: number;
  /** Which flush will come by. */
  queued: "no" | "delayed" | "ready";
}

interface Kind {
  readonly encoder: Encoder;
  members: number;
}

/** All receivers of one filter, and the messages that are about to leave to them. Small: users have one of their own. */
export class Group {
  readonly filter: string;
  readonly realm: Realm;
  /** Offset of the newest message that came to this group. */
  lastOffset = 0;
  #pending: Pending | undefined = undefined;
  /** One receiver stands for itself: a set is made for the second. */
  #direct: DirectReceiver | Set<DirectReceiver> | undefined = undefined;
  /** Members in the transport's fan-out, by kind. */
  #kinds: Kind[] | undefined = undefined;

  constructor(filter: string, realm: Realm) {
    this.filter = filter;
    this.realm = realm;
  }

  get wildcard(): boolean {
    return isWildcard(this.filter);
  }

  get policy(): DeliveryPolicy {
    return this.realm.policy;
  }

  get stream(): Stream | undefined {
    return this.realm.stream;
  }

  get pending(): Pending | undefined {
    return this.#pending;
  }

  /** What a message push says of the subscription it belongs to. */
  get label(): string | undefined {
    return this.wildcard ? this.filter : undefined;
  }

  get members(): number {
    let members = this.#directCount;
    for (const kind of this.#kinds ?? []) members += kind.members;
    return members;
  }

  addDirect(receiver: DirectReceiver): void {
    const direct = this.#direct;
    if (direct === undefined || direct === receiver) this.#direct = receiver;
    else if (direct instanceof Set) direct.add(receiver);
    else this.#direct = new Set([direct, receiver]);
  }

  removeDirect(receiver: DirectReceiver): void {
    const direct = this.#direct;
    if (direct instanceof Set) direct.delete(receiver);
    if (direct === receiver || (direct instanceof Set && direct.size === 0)) this.#direct = undefined;
  }

  /** Counts members that the transport's fan-out reaches; `change` is 1 or -1. */
  count(encoder: Encoder, change: 1 | -1): void {
    const kind = this.#kinds?.find((each) => each.encoder === encoder);
    if (kind !== undefined) kind.members += change;
    else (this.#kinds ??= []).push({ encoder, members: change });
  }

  /** Puts a message to those that are about to leave. */
  add(stored: Stored): Pending {
    const pending = (this.#pending ??= { messages: [], bytes: 0, queued: "no" });
    pending.messages.push(stored);
    pending.bytes += messageSize(stored.message);
    this.lastOffset = stored.offset;
    return pending;
  }

  /** Forgets what is about to leave. */
  clear(): void {
    this.#pending = undefined;
  }

  /** Sends what is pending; returns to how many receivers. */
  flush(fanout: Fanout): number {
    const pending = this.#pending;
    if (pending === undefined) return 0;
    this.#pending = undefined;
    const batch = new Batch(pending.messages, this.label);
    let receivers = this.#directCount;
    for (const { encoder, members } of this.#kinds ?? []) {
      if (members === 0) continue;
      receivers += members;
      fanout.publish(encoder.group + this.filter, batch.frame(encoder));
    }
    this.#deliverDirect(batch);
    return receivers;
  }

  /** Sends one message that came behind newer ones of other topics; nothing else is pending. */
  late(stored: Stored, fanout: Fanout): void {
    const batch = new Batch([stored], this.label);
    for (const { encoder, members } of this.#kinds ?? [])
      if (members > 0) fanout.publish(encoder.group + this.filter, batch.frame(encoder));
    const direct = this.#direct instanceof Set ? [...this.#direct] : [this.#direct];
    for (const receiver of direct)
      if (receiver?.late === undefined) receiver?.deliver(batch);
      else receiver.late(stored);
  }

  get #directCount(): number {
    if (this.#direct === undefined) return 0;
    return this.#direct instanceof Set ? this.#direct.size : 1;
  }

  #deliverDirect(batch: Batch): void {
    const direct = this.#direct;
    if (!(direct instanceof Set)) return direct?.deliver(batch);
    // A receiver may leave this set while it is served.
    for (const receiver of [...direct]) receiver.deliver(batch);
  }
}
