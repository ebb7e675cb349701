import type { Connection } from "./connection.ts";
import type { TidegateError } from "./errors.ts";
import type { Feed, FeedChannel } from "./feed.ts";
import { MEMBERSHIP, type Subscription } from "./subscription.ts";
import type { Push, Replies } from "./wire.ts";

/** A subscription and what drives it. */
export interface Entry {
  readonly subscription: Subscription;
  readonly feed: Feed;
}

/** The subscriptions of a client by topic or filter: takes them from connection to connection, routes the pushes. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();
  /** Topics whose unsubscribe has no reply yet, and how many: what comes for them belongs to nobody. */
  readonly #leaving = new Map<string, number>();
  #channel: FeedChannel | undefined;
  #connection: Connection | undefined;

  get(topic: string): Entry | undefined {
    return this.#entries.get(topic);
  }

  add(topic: string, entry: Entry): void {
    this.#entries.set(topic, entry);
    if (this.#channel) entry.feed.up(this.#channel);
  }

  /** The server subscribed by itself. */
  addJoined(topic: string, entry: Entry, reply: Replies["subscribe"]): void {
    this.#entries.set(topic, entry);
    if (this.#channel) entry.feed.joined(this.#channel, reply);
  }

  remove(topic: string): void {
    if (this.#entries.delete(topic)) this.#channel?.leave(topic);
  }

  /** `joined` is the topic that needs no command. */
  up(connection: Connection, joined: string | undefined): void {
    const channel: FeedChannel = {
      send: (...command) => connection.send(...command),
      fail: (reason, message) => connection.fail(reason, message),
      tell: (command, body) => connection.tell(command, body),
      leave: (topic) => this.#leave(connection, topic),
    };
    this.#connection = connection;
    this.#channel = channel;
    for (const [topic, { feed }] of [...this.#entries]) if (topic !== joined) feed.up(channel);
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

  /** Forgets a subscription that the server does not have. */
  forget(topic: string): void {
    this.#entries.delete(topic);
  }

  close(error: TidegateError): void {
    for (const { feed } of [...this.#entries.values()]) feed.end(error);
    this.#entries.clear();
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
