import type { Retrying } from "./backoff.ts";
import { TOKEN_EXPIRED } from "./codes.ts";
import type { Channel } from "./connection.ts";
import { Cursor } from "./cursor.ts";
import type { TidegateError } from "./errors.ts";
import type { Held } from "./hold.ts";
import type { Gap, Message, Position } from "./message.ts";
import { Resumption } from "./resumption.ts";
import { Sequence, type SequenceEvents } from "./sequence.ts";
import type { SubscribeOptions } from "./subscribe-options.ts";
import type { SubscribeReply } from "./wire.ts";

export type FeedState = "waiting" | "subscribing" | "live" | "repairing";

export interface FeedEvents {
  readonly state: (state: FeedState) => void;
  readonly message: (message: Message) => void;
  readonly gap: (gap: Gap) => void;
  readonly recovered: (whole: boolean) => void;
  readonly ended: (error: TidegateError | undefined) => void;
}

/** What a feed needs of the connection that is up. */
export interface FeedChannel extends Channel {
  tell(command: "ack", body: object): void;
  /** Unsubscribes, and drops what the server sent before it did so. */
  leave(topic: string): void;
}

/** One subscription on its connections: subscribes on each from where it stood, and sees to it that all comes. */
export class Feed {
  readonly #topic: string;
  readonly #options: SubscribeOptions;
  readonly #retrying: Retrying;
  readonly #events: FeedEvents;
  readonly #cursor: Cursor;
  readonly #sequence: Sequence;
  readonly #resumption: Resumption;
  #channel: FeedChannel | undefined;
  #cancelRetry = (): void => {};
  #refusals = 0;
  /** When the server took the subscription, in milliseconds since 1970; `Infinity` once that was answered for. */
  #takenAt = Infinity;
  #over = false;

  constructor(topic: string, options: SubscribeOptions, retrying: Retrying, events: FeedEvents) {
    this.#topic = topic;
    this.#options = options;
    this.#retrying = retrying;
    this.#events = events;
    const windowed = options.window !== undefined;
    const cursor = (this.#cursor = new Cursor(options.since, windowed));
    const kind = { topic, wildcard: /[+#]/.test(topic), windowed, repair: options.repair !== false };
    const sequence = (this.#sequence = new Sequence({ ...kind, cursor, retrying, events: this.#flow(events) }));
    const { gap, recovered } = events;
    this.#resumption = new Resumption({ ...kind, options, cursor, sequence, gap, recovered });
  }

  get position(): Position | undefined {
    return this.#cursor.position;
  }

  up(channel: FeedChannel): void {
    this.#attach(channel);
    this.#refusals = 0;
    this.#subscribe();
  }

  /** The server subscribed by itself (the personal topic); `since` went with `connect`. */
  joined(channel: FeedChannel, reply: SubscribeReply): void {
    this.#attach(channel);
    const since = this.position;
    this.#begin(since);
    this.#subscribed(reply, since);
  }

  down(): void {
    this.#attach(undefined);
    this.#pause();
    if (!this.#over) this.#events.state("waiting");
  }

  push(entry: Held): void {
    if (!this.#over) this.#sequence.push(entry);
  }

  /** Throws a TypeError without a window. */
  ack(offset: number): void {
    if (this.#options.window === undefined) throw new TypeError("ack: this subscription has no window");
    this.#cursor.ack(offset);
    this.#channel?.tell("ack", { topic: this.#topic, offset });
  }

  /** The server ended the subscription. */
  dropped(error: TidegateError): void {
    this.#pause();
    this.#refused(error);
  }

  end(error?: TidegateError): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelRetry();
    this.#sequence.end();
    this.#events.ended(error);
  }

  #flow({ message, gap, state }: FeedEvents): SequenceEvents {
    return {
      message,
      gap,
      repairing: () => state("repairing"),
      flowing: () => this.#live(),
      again: (after) => this.#again(after),
    };
  }

  #attach(channel: FeedChannel | undefined): void {
    this.#channel = this.#sequence.channel = channel;
  }

  #pause(): void {
    this.#cancelRetry();
    this.#sequence.stop();
  }

  #subscribe(): void {
    const since = this.position;
    this.#begin(since);
    const { presence, window, retained } = this.#options;
    this.#events.state("subscribing");
    // With a position the replay has the newest values too, and a retained one ahead of it would break the order.
    const body = { topic: this.#topic, since, presence, window, retained: since ? undefined : retained };
    this.#channel?.send(
      "subscribe",
      body,
      (reply) => this.#subscribed(reply, since),
      (error) => this.#refused(error),
    );
  }

  #begin(since: Position | undefined): void {
    if (since === undefined && this.#options.history) this.#sequence.hold();
    this.#cursor.begin(since);
  }

  #subscribed(reply: SubscribeReply, since: Position | undefined): void {
    if (this.#over) return;
    this.#takenAt = this.#retrying.clock.now();
    this.#resumption.take(reply, since);
  }

  /** History is of single topics: what a filter missed comes by subscribing again. */
  #again(after: number): void {
    this.#cursor.goBack(after);
    this.#pause();
    this.#channel?.leave(this.#topic);
    this.#subscribe();
  }

  #live(): void {
    if (!this.#over && this.#channel) this.#events.state("live");
  }

  #refused(error: TidegateError): void {
    if (this.#over || error.reason === "connection_lost") return;
    // The server may or may not have done it: only a new connection is sure.
    if (error.reason === "timeout" || error.code === TOKEN_EXPIRED)
      return this.#channel?.fail(error.reason, error.message);
    if (!error.temporary) return this.end(error);
    this.#events.state("waiting");
    const { clock, backoff, stable } = this.#retrying;
    // One that the server takes and drops at once must not be asked for without a pause.
    if (clock.now() - this.#takenAt >= stable) this.#refusals = 0;
    this.#takenAt = Infinity;
    this.#cancelRetry = clock.after(backoff(this.#refusals++, error.reason), () => this.#channel && this.#subscribe());
  }
}
