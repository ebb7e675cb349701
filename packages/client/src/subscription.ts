import { Emitter } from "./emitter.ts";
import { clientError, type TidegateError } from "./errors.ts";
import type { Feed, FeedEvents } from "./feed.ts";
import type { Gap, Member, Message, Position } from "./message.ts";
import { Stream } from "./stream.ts";

export type SubscriptionState =
  /** There is no connection, or the server asked for patience. */
  | { readonly kind: "waiting" }
  | { readonly kind: "subscribing" }
  | { readonly kind: "live" }
  /** Missed messages are fetched; newer ones wait for them. */
  | { readonly kind: "repairing" }
  | { readonly kind: "ended"; readonly error: TidegateError | undefined };

export interface Membership {
  /** At most as many as the server tells; `count` is the whole truth. */
  readonly members: readonly Member[];
  readonly count: number;
}

export interface SubscriptionEvents<T> {
  message: Message<T>;
  /** Messages that this subscription will not get. */
  gap: Gap;
  /** After a reconnect, or `since`: whether everything missed was, or is about to be, given. */
  recovered: { readonly recovered: boolean };
  join: Membership;
  leave: Membership;
  state: SubscriptionState;
  /** `error` is undefined after `unsubscribe`. */
  ended: { readonly error: TidegateError | undefined };
}

/** Doors for the client only. */
export const FEED = Symbol("feed");
export const MEMBERSHIP = Symbol("membership");

export interface SubscriptionSetup {
  readonly topic: string;
  readonly buffer: number;
  readonly onThrow: (thrown: unknown) => void;
  /** Sees every message; true if that is a reader, so that nothing need be kept for a later one. */
  readonly watch: (message: Message) => boolean;
  readonly leave: () => void;
  readonly feed: (events: FeedEvents) => Feed;
}

/** A topic's messages: by handlers, by `for await`, or both. Each reader sees each message once, in order. */
export class Subscription<T = unknown> implements AsyncIterable<Message<T>> {
  readonly topic: string;
  /** Resolves when the server has taken the subscription for the first time; rejects if it ends before. */
  readonly ready: Promise<void>;
  readonly #emitter: Emitter<SubscriptionEvents<T>>;
  readonly [FEED]: Feed;
  readonly #leave: () => void;
  readonly #buffer: number;
  readonly #streams = new Set<Stream<Message<T>>>();
  /** Keeps what comes before the first reader. */
  #early: Stream<Message<T>> | undefined;
  #state: SubscriptionState = { kind: "waiting" };
  #settleReady: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(setup: SubscriptionSetup) {
    this.topic = setup.topic;
    this.#buffer = setup.buffer;
    this.#emitter = new Emitter(setup.onThrow);
    this.#early = this.#stream();
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    // Whoever does not wait for it must not be punished by an unhandled rejection.
    this.ready.catch(() => {});
    this.#leave = setup.leave;
    this[FEED] = setup.feed({
      state: (kind) => this.#set({ kind }),
      message: (message) => this.#give(message as Message<T>, setup.watch(message)),
      gap: (gap) => this.#tell("gap", gap),
      recovered: (recovered) => this.#tell("recovered", { recovered }),
      ended: (error) => this.#ended(error),
    });
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** Behind the last message given out; with a window, the last one acknowledged. Undefined before the first reply. */
  get position(): Position | undefined {
    return this[FEED].position;
  }

  /** Returns what removes the handler. */
  on<K extends keyof SubscriptionEvents<T>>(
    kind: K,
    handler: (event: SubscriptionEvents<T>[K]) => unknown,
  ): () => void {
    const off = this.#emitter.on(kind, handler);
    if (kind === "message" && this.#early) queueMicrotask(() => this.#giveEarly());
    return off;
  }

  /** This message and all before it are done. Throws a TypeError for a subscription without `window`. */
  ack(message: Message<T>): void {
    this[FEED].ack(message.offset);
  }

  unsubscribe(): void {
    if (this.#state.kind === "ended") return;
    this.#leave();
    this[FEED].end();
  }

  [Symbol.asyncIterator](): Stream<Message<T>> {
    const stream = this.#early ?? this.#stream();
    this.#early = undefined;
    if (this.#state.kind === "ended") stream.end(this.#state.error);
    return stream;
  }

  [MEMBERSHIP](kind: "join" | "leave", { members, count }: Membership): void {
    this.#emitter.emit(kind, { members, count });
  }

  #stream(): Stream<Message<T>> {
    const stream = new Stream<Message<T>>(this.#buffer, (ended) => this.#streams.delete(ended));
    this.#streams.add(stream);
    return stream;
  }

  #give(message: Message<T>, watched: boolean): void {
    if (this.#early && watched) this.#dropEarly();
    for (const stream of [...this.#streams]) stream.push(message);
    // A handler that came this turn gets it with the early ones, in order.
    if (!this.#early) this.#emitter.emit("message", message);
  }

  /** A handler may have ended the subscription in the middle of a page. */
  #tell<K extends "gap" | "recovered">(kind: K, event: SubscriptionEvents<T>[K]): void {
    if (this.#state.kind !== "ended") this.#emitter.emit(kind, event);
  }

  #dropEarly(): Stream<Message<T>> | undefined {
    const early = this.#early;
    this.#early = undefined;
    if (early) this.#streams.delete(early);
    return early;
  }

  #giveEarly(): void {
    const early = this.#dropEarly();
    for (const message of early?.drain() ?? []) this.#emitter.emit("message", message);
    if (early?.overflowed)
      this.#emitter.emit("gap", {
        topic: this.topic,
        after: undefined,
        to: undefined,
        cause: "nobody read for too long",
      });
  }

  #ended(error: TidegateError | undefined): void {
    this.#set({ kind: "ended", error });
    for (const stream of [...this.#streams]) stream.end(error);
    this.#emitter.emit("ended", { error });
  }

  #set(state: SubscriptionState): void {
    if (this.#state.kind === state.kind) return;
    this.#state = state;
    if (state.kind === "live") this.#settleReady?.resolve();
    if (state.kind === "ended")
      this.#settleReady?.reject(state.error ?? clientError("closed", `unsubscribed from ${this.topic}`));
    this.#emitter.emit("state", state);
  }
}
