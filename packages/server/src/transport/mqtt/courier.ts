import type { Quality, Stored } from "@tidegate/protocol";
import type { Stream } from "../../log/stream.ts";
import type { MqttClient } from "./client.ts";
import { sendRun } from "./common-run.ts";
import { frameOf, qosOf } from "./deliver.ts";
import { isFrom } from "./headers.ts";
import type { Cursor } from "./cursor.ts";
import { LogReader } from "./log-reader.ts";
import { deliveryBy } from "./overlap.ts";
import { post } from "./post.ts";
import { mustWait } from "./turns.ts";
import type { Recipient } from "./retained.ts";
import { meet, roomToRead, roomToTake } from "./run.ts";
import type { StartAt, SubscriptionOptions, Wanted } from "./subscription.ts";
import type { OutFlight } from "./window.ts";

/**
 * A subscription at QoS 1 or 2. What is under way is bounded by the client's receive maximum and by what it reads; the rest
 * stays in the log until there is room, and so does everything for a client that is away.
 */
export class Courier implements Recipient {
  readonly filter: string;
  readonly order: number;
  options: SubscriptionOptions;
  readonly since: StartAt;
  readonly rank: Quality;
  readonly reader: LogReader;
  /** Older subscriptions of the client have come to where this one began. */
  isFirst = false;
  readonly #client: MqttClient;
  #key: string;
  /** Offsets that were under way before the client came back, and are again. */
  readonly #again = new Map<Cursor, Set<number>>();
  #held = true;
  /** Set when the client has unsubscribed: where each log stood then. */
  #until: StartAt | undefined;

  /** `startAt`: where it goes on in each log. `key`: its name in the store, where that is not the filter. */
  constructor(
    client: MqttClient,
    filter: string,
    { options, since, rank, order, until }: Wanted,
    { startAt, key = filter }: { readonly startAt: StartAt; readonly key?: string },
  ) {
    this.filter = filter;
    this.#key = key;
    this.order = order;
    this.#until = until;
    this.options = options;
    this.since = since;
    this.rank = rank;
    this.#client = client;
    this.reader = new LogReader(client.context, filter, startAt, {
      room: (cursor, next) => this.#roomFor(cursor, next),
      take: (stored, cursor) => this.#take(stored, cursor),
      takeAll: (messages, cursor) => this.#takeAll(messages, cursor),
      pause: () => client.whenWritable(),
      failed: (error) => client.failed(error, "reading the log"),
      hungry: () => client.hungry.add(this),
      stopped: (cursor, messages) => meet(client, this, cursor, messages),
      caughtUp: () => this.wentOn(),
    });
  }

  get key(): string {
    return this.#key;
  }

  get until(): StartAt | undefined {
    return this.#until;
  }

  /** The client has unsubscribed, and this only goes on for those that left messages to it. */
  get hasEnded(): boolean {
    return this.#until !== undefined;
  }

  /** Whether a message is from before the end of this subscription. */
  hadUntil(epoch: string, offset: number): boolean {
    return this.#until === undefined || offset <= (this.#until.get(epoch) ?? 0);
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.pump();
  }

  get takesValues(): boolean {
    return this.#client.room > 0;
  }

  value(stored: Stored): void {
    this.#send(stored, undefined);
  }

  /** There may be room again. */
  pump(): void {
    this.reader.pump();
  }

  stop(): void {
    this.reader.stop();
    this.#client.hungry.delete(this);
  }

  /**
   * The client has unsubscribed. It still delivers what other subscriptions left to it, and stays as long as any of them may
   * come to a message that was its own.
   */
  retire(key: string): void {
    this.#key = key;
    this.#held = false;
    this.#until = new Map(this.reader.cursors.map(({ stream }) => [stream.log.epoch, stream.dispatched]));
  }

  /** Whether it has ended, has delivered everything, and no other one has still to come to what it delivered. */
  isOver(others: readonly Courier[]): boolean {
    const until = this.#until;
    if (until === undefined || !this.hasReached(until)) return false;
    for (const { sender, done } of this.#client.window.flights) if (sender === this && !done) return false;
    return others.every((other) => other.hasReached(until));
  }

  /** Whether everything of its logs up to there was taken, as far as it goes itself. */
  hasReached(until: StartAt): boolean {
    return this.reader.cursors.every(({ stream: { log }, taken, current }) => {
      const own = this.#until?.get(log.epoch) ?? Infinity;
      return current || taken >= Math.min(own, until.get(log.epoch) ?? 0);
    });
  }

  /** What waits for others goes to this one as well before it does. */
  flush(): void {
    this.reader.flush();
  }

  /** The message is under way again: it is passed over when the log is read. */
  passOver({ cursor, offset }: OutFlight): void {
    if (cursor === undefined || offset <= cursor.taken) return;
    const offsets = this.#again.get(cursor);
    if (offsets === undefined) this.#again.set(cursor, new Set([offset]));
    else offsets.add(offset);
  }

  /** A topic that one subscription had and another one has now keeps its order: the first one delivers what it has first. */
  mustWait({ log }: Stream, next: number | undefined): boolean {
    const client = this.#client;
    return this.#held || (client.overlaps && mustWait(this, client.state, log.epoch, next));
  }

  #roomFor(cursor: Cursor, next: Stored | undefined): number {
    const client = this.#client;
    if (this.mustWait(cursor.stream, next?.offset)) return 0;
    if (!client.overlaps) return client.room;
    return next === undefined ? roomToRead(client, this, cursor) : roomToTake(client, this, cursor, next);
  }

  #take(stored: Stored, cursor: Cursor): void {
    if (this.#again.get(cursor)?.delete(stored.offset) !== true) this.#send(stored, cursor);
    this.wentOn();
  }

  /** All at once where nothing is special. */
  #takeAll(messages: readonly Stored[], cursor: Cursor): boolean {
    const client = this.#client;
    const { options } = this;
    const isCommon = options.qos === 1 && !options.noLocal && options.subscriptionId === undefined;
    if (!isCommon || !client.takesSharedFrames || client.state.overlaps || this.hasEnded) return false;
    if ((this.#again.get(cursor)?.size ?? 0) > 0) return false;
    return sendRun(client, this, cursor, messages);
  }

  /** It has come further: others may wait to hear that, and it may have come to its end. */
  wentOn(): void {
    if (this.#client.overlaps) this.#client.feedLater();
    if (this.#until !== undefined && this.hasReached(this.#until)) this.reader.stop();
  }

  /** `cursor` is undefined for the retained value of a topic. */
  #send(stored: Stored, cursor: Cursor | undefined): void {
    const client = this.#client;
    if (this.options.noLocal && isFrom(stored.message, client.clientId)) return;
    const retained = cursor === undefined;
    const delivery = deliveryBy(this, client, stored, retained);
    if (delivery === undefined) return;
    const { ids } = delivery;
    const qos = qosOf(stored, delivery.qos);
    if (qos === 0) {
      const frame = frameOf(stored, client.form(this.options, { qos, retained, ids, again: false }));
      if (frame !== undefined) client.sendBehind(frame.bytes);
      return;
    }
    const { log } = cursor?.stream ?? client.context.services.streamOf(stored.message.topic);
    const where = { cursor, epoch: log.epoch, offset: stored.offset };
    post(client, stored, client.window.take({ sender: this, ...where, qos, retained }), ids);
  }
}
