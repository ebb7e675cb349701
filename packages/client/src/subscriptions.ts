import type { Retrying } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { TidegateError } from "./errors.ts";
import { Feed, type FeedChannel, type FeedEvents } from "./feed.ts";
import type { Message } from "./message.ts";
import type { SubscribeOptions } from "./subscribe-options.ts";
import { FEED, MEMBERSHIP, Subscription } from "./subscription.ts";
import type { PersonalTopic, Push } from "./wire.ts";

/** A subscription and what drives it. */
interface Entry {
  readonly subscription: Subscription;
  readonly feed: Feed;
}

export interface SubscriptionsSetup {
  readonly retrying: Retrying;
  readonly onThrow: (thrown: unknown) => void;
  /** Sees every message; true if that is a reader, so that nothing need be kept for a later one. */
  readonly watch: (message: Message) => boolean;
}

/** The subscriptions of a client by topic or filter: takes them from connection to connection, routes the pushes. */
export class Subscriptions {
  readonly #setup: SubscriptionsSetup;
  readonly #entries = new Map<string, Entry>();
  /** Topics whose unsubscribe has no reply yet, and how many: what comes for them belongs to nobody. */
  readonly #leaving = new Map<string, number>();
  #personal: Entry | undefined;
  #channel: FeedChannel | undefined;
  #connection: Connection | undefined;

  constructor(setup: SubscriptionsSetup) {
    this.#setup = setup;
  }

  /** That of the user's own topic, which the server makes by itself. */
  get personal(): Subscription | undefined {
    return this.#personal?.subscription;
  }

  /** Throws a TypeError if there is one of this topic or filter already. */
  add(topic: string, options: SubscribeOptions): Subscription {
    if (this.#entries.has(topic)) throw new TypeError(`topic: there is a subscription of ${topic} already`);
    const entry = this.#make(topic, options);
    // The app left its personal topic and comes back by name.
    if (this.#personal?.subscription.topic === topic) this.#personal = entry;
    this.#entries.set(topic, entry);
    if (this.#channel) entry.feed.up(this.#channel);
    return entry.subscription;
  }

  /** All go out in one frame, save the personal one, which came with the connection. */
  up(connection: Connection, personal: PersonalTopic | undefined): void {
    const channel: FeedChannel = {
      send: (...command) => connection.send(...command),
      fail: (reason, message) => connection.fail(reason, message),
      tell: (command, body) => connection.tell(command, body),
      leave: (topic) => this.#leave(connection, topic),
    };
    this.#connection = connection;
    this.#channel = channel;
    for (const [topic, { feed }] of [...this.#entries]) if (topic !== personal?.topic) feed.up(channel);
    if (personal) this.#join(channel, personal);
  }

  down(): void {
    if (!this.#channel) return;
    this.#channel = this.#connection = undefined;
    this.#leaving.clear();
    for (const { feed } of [...this.#entries.values()]) feed.down();
  }

  push(push: Exclude<Push, { kind: "reconnect" }>): void {
    const key = push.kind === "message" ? push.key : push.topic;
    const entry = this.#entries.get(key);
    if (!entry || this.#leaving.has(key)) return;
    if (push.kind === "message" || push.kind === "gap") entry.feed.push(push);
    else if (push.kind === "unsubscribed") entry.feed.dropped(push.error);
    else entry.subscription[MEMBERSHIP](push.kind, push);
  }

  close(error: TidegateError): void {
    for (const { feed } of [...this.#entries.values()]) feed.end(error);
    this.#entries.clear();
  }

  #make(topic: string, options: SubscribeOptions): Entry {
    const { retrying, onThrow, watch } = this.#setup;
    const subscription = new Subscription({
      topic,
      buffer: options.buffer ?? 1000,
      onThrow,
      watch,
      leave: () => this.#remove(topic),
      feed: (events) => new Feed(topic, options, retrying, this.#forgetting(topic, events)),
    });
    return { subscription, feed: subscription[FEED] };
  }

  /** One that ends with an error is unknown to the server: there is nothing to unsubscribe from. */
  #forgetting(topic: string, events: FeedEvents): FeedEvents {
    const ended = (error: TidegateError | undefined): void => {
      if (error) this.#entries.delete(topic);
      events.ended(error);
    };
    return { ...events, ended };
  }

  /** The app may have subscribed to the topic by name: then that is the personal subscription. */
  #join(channel: FeedChannel, { topic, ...reply }: PersonalTopic): void {
    if (this.#personal?.subscription.topic !== topic) {
      this.#personal?.subscription.unsubscribe();
      this.#personal = this.#entries.get(topic) ?? this.#make(topic, {});
    }
    const { subscription, feed } = this.#personal;
    if (subscription.state.kind === "ended") return;
    this.#entries.set(topic, this.#personal);
    feed.joined(channel, reply);
  }

  #remove(topic: string): void {
    if (this.#entries.delete(topic)) this.#channel?.leave(topic);
  }

  #leave(connection: Connection, topic: string): void {
    this.#leaving.set(topic, (this.#leaving.get(topic) ?? 0) + 1);
    const left = (): void => {
      if (this.#connection !== connection) return;
      const count = (this.#leaving.get(topic) ?? 1) - 1;
      if (count > 0) this.#leaving.set(topic, count);
      else this.#leaving.delete(topic);
    };
    connection.send("unsubscribe", { topic }, left, left);
  }
}
