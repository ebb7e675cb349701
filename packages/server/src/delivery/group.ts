import { isWildcard, type Stored } from "@tidegate/protocol";
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

/** A receiver that is handed each batch: one that catches up, acknowledges, or whose transport has no fan-out. */
export interface DirectReceiver {
  deliver(batch: Batch): void;
}

/** All receivers of one filter, and the messages that are about to leave to them. */
export class Group {
  readonly filter: string;
  readonly wildcard: boolean;
  readonly policy: DeliveryPolicy;
  /** Undefined for a filter over several namespaces. */
  readonly stream: Stream | undefined;
  /** Offset of the newest message that left to this group. */
  lastOffset = 0;
  pending: Stored[] = [];
  pendingBytes = 0;
  /** Whether a flush will come by. */
  queued: "no" | "delayed" | "ready" = "no";
  #direct: Set<DirectReceiver> | undefined = undefined;
  /** Members in the transport's fan-out, by kind; few kinds, so a flat list of pairs. */
  #kinds: { readonly encoder: Encoder; members: number }[] | undefined = undefined;

  constructor(filter: string, policy: DeliveryPolicy, stream: Stream | undefined) {
    this.filter = filter;
    this.wildcard = isWildcard(filter);
    this.policy = policy;
    this.stream = stream;
  }

  /** What a message push says of the subscription it belongs to. */
  get label(): string | undefined {
    return this.wildcard ? this.filter : undefined;
  }

  get members(): number {
    let members = this.#direct?.size ?? 0;
    for (const kind of this.#kinds ?? []) members += kind.members;
    return members;
  }

  addDirect(receiver: DirectReceiver): void {
    (this.#direct ??= new Set()).add(receiver);
  }

  removeDirect(receiver: DirectReceiver): void {
    this.#direct?.delete(receiver);
    if (this.#direct?.size === 0) this.#direct = undefined;
  }

  /** Counts members that the transport's fan-out reaches; `change` is 1 or -1. */
  count(encoder: Encoder, change: 1 | -1): void {
    const kind = this.#kinds?.find((each) => each.encoder === encoder);
    if (kind !== undefined) kind.members += change;
    else (this.#kinds ??= []).push({ encoder, members: change });
  }

  /** Sends what is pending; returns how many writes that may cost. */
  flush(fanout: Fanout): number {
    const messages = this.pending;
    this.queued = "no";
    if (messages.length === 0) return 0;
    this.pending = [];
    this.pendingBytes = 0;
    const batch = new Batch(messages, this.label);
    let receivers = 0;
    for (const { encoder, members } of this.#kinds ?? []) {
      if (members === 0) continue;
      receivers += members;
      fanout.publish(encoder.group + this.filter, batch.frame(encoder));
    }
    if (this.#direct !== undefined) {
      receivers += this.#direct.size;
      // A receiver may leave this set while it is served.
      for (const receiver of [...this.#direct]) receiver.deliver(batch);
    }
    return receivers;
  }
}
