import type { Message, Stored } from "@tidegate/protocol";
import type { Share, ShareTaker, ShareWish } from "./share.ts";

/**
 * What a promise of storage is worth: `memory` survives nothing, `process` survives a kill -9 of the program, `power`
 * is on the disk.
 */
export type Durability = "memory" | "process" | "power";

/**
 * An ordered, append-only store of messages with a live tail. Append and tail are one port because engines do both at
 * once; whoever is called by the tail gets only what is stored.
 *
 * One log has one epoch and one sequence of offsets; a topic lives in exactly one log.
 */
export interface Log {
  readonly durability: Durability;
  /** Changes when the log is lost and made anew. */
  readonly epoch: string;

  /**
   * How near it is to refusing for want of room: 0 far from it, 1 there. Who submits for it keeps the last of the room for what is
   * urgent. Absent where appends go on until they are refused.
   */
  readonly strain?: number;

  /** Offset of the newest message that is stored as the durability says; 0 for an empty log. */
  head(): number;

  /**
   * Stores the messages in their order and resolves when all are as durable as promised. A message whose id was stored
   * on its topic within the window is not stored again: its result is the first one's position. Rejects with
   * `LogUnavailable` if none of them is stored. A caller may have several appends under way; they keep their order.
   */
  append(messages: readonly Message[]): Promise<readonly Appended[]>;

  /** Messages that `filter` names, after an offset, oldest first. */
  read(query: ReadQuery): Promise<Page>;

  /** The newest `limit` messages of one topic before an offset (or the newest of all), oldest first. */
  latest(query: LatestQuery): Promise<Page>;

  /** The retained values of the topics that `filter` names, in offset order, at most `limit`. */
  retained(filter: string, limit: number): Promise<readonly Stored[]>;

  /** The same, page by page, so that there may be any number of them. */
  retainedPage(query: ReadQuery): Promise<RetainedPage>;

  /**
   * Every stored message, in offset order, from now on; called before the append that stored it resolves. A log has one
   * tail. Returns what ends it.
   */
  tail(handler: TailHandler): () => void;

  /**
   * Asks the tail for the topics of a filter. Absent where the tail gives every message. Where it is there, the tail gives only
   * what was asked for, `head` is the newest offset that this node knows of, and `L26` holds for the topics that were asked for.
   * Whoever reads in order to go on live waits for `ready` first: what is stored after its offset comes by the tail, what was stored
   * before it can be read, nothing is in between. The same filter may be asked for several times.
   */
  readonly interest?: ((filter: string) => Interest) | undefined;

  /**
   * Takes part in a subscription that is shared over nodes. Absent where the log is one node's own: who shares does it there. Nothing
   * comes before `pump`.
   */
  readonly share?: ((wish: ShareWish, taker: ShareTaker) => Share) | undefined;

  /** Removes what the retention no longer covers, in steps that do not hold up the event loop. */
  trim(): Promise<void>;

  /** A round through the engine, for readiness. Rejects with `LogUnavailable`. */
  probe(): Promise<void>;

  /** Finishes what is under way. Later calls reject with `LogUnavailable`. */
  close(): Promise<void>;
}

export interface TailHandler {
  /** Must not throw. */
  messages(batch: readonly Stored[]): void;
}

export interface Interest {
  /**
   * Resolves when it is in force, with the offset from which on it is. Rejects with `LogUnavailable` when that takes too long; it comes
   * into force later all the same.
   */
  readonly ready: Promise<number>;
  /**
   * Resolves when everything that was stored before the call, by whatever node, was handed to the tail as far as somebody asked for it.
   * Its offset is no smaller than any that a node knew of before the call. Rejects with `LogUnavailable`.
   */
  catchUp(): Promise<number>;
  /** Takes it back. */
  end(): void;
}

export interface Appended {
  readonly stored: {
    readonly offset: number;
    /** Undefined where the tail goes by interest and nobody asked for the topic: the engine tells it to those who did. */
    readonly previous: number | undefined;
  };
  /** The message id was known: `stored` is where the first one stands. */
  readonly duplicate: boolean;
}

export interface ReadQuery {
  /** A topic or a filter. */
  readonly filter: string;
  readonly after: number;
  readonly limit: number;
  /** Stops after the message that reaches this many payload bytes. */
  readonly maxBytes?: number;
}

export interface LatestQuery {
  readonly topic: string;
  readonly before?: number;
  readonly limit: number;
}

export interface Page {
  readonly messages: readonly Stored[];
  /** Everything of the filter up to here (`read`) or from here (`latest`) is in this page or was before it. */
  readonly next: number;
  /** Whether more of the filter lies beyond `next`. */
  readonly more: boolean;
  /** False if messages that the query covers had already been removed by retention. */
  readonly complete: boolean;
}

/**
 * Retained values, in offset order within the page, and over the pages as far as the engine has them so. A topic whose value changes
 * meanwhile may be left out, or come with the new one.
 */
export interface RetainedPage {
  readonly values: readonly Stored[];
  /** The `after` of the next page; undefined if this was the last one. A page with a next one may have no values. */
  readonly next: number | undefined;
}

/** How long and how many: what a log keeps for a topic. */
export interface Retention {
  /** Messages kept for each topic; 0 keeps none past the message-id window. */
  readonly size: number;
  /** Milliseconds. */
  readonly age: number;
  /** Milliseconds in which a message id counts as known. */
  readonly idWindow: number;
}

/** Retention for the topic; called for every append, so it must be cheap. */
export type RetentionOf = (topic: string) => Retention;

/** The engine is away, full, closed or damaged. Nothing of the call was stored. */
export class LogUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LogUnavailable";
  }
}
