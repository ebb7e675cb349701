import type { Stored } from "@tidegate/protocol";
import { withPacketId } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { frameOf, qosOf } from "./deliver.ts";
import { type Cursor, LogReader } from "./log-reader.ts";
import type { ActiveSubscription, StartAt, SubscriptionOptions } from "./subscription.ts";

/** Groups whose last member has left, whose place is remembered. */
const REMEMBERED = 10_000;

/** Shared subscriptions: each message goes to one of those who subscribed under the same name. [MQTT 5, 4.8.2] */
export class SharedSubscriptions {
  readonly #context: () => MqttContext;
  readonly #groups = new Map<string, SharedGroup>();
  /** Where groups stood when nobody was there any more, for the first one who comes back. */
  readonly #left = new Map<string, StartAt>();

  constructor(context: () => MqttContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** `whole` is the filter with its `$share/…`. `startAt` counts only if nobody is in the group. */
  join(
    client: MqttClient,
    whole: string,
    { filter }: { readonly filter: string },
    options: SubscriptionOptions,
    startAt: StartAt,
  ): ActiveSubscription {
    let group = this.#groups.get(whole);
    if (group === undefined) {
      const place = startAt.size === 0 ? startAt : new Map([...startAt, ...(this.#left.get(whole) ?? [])]);
      this.#left.delete(whole);
      group = new SharedGroup(this.#context(), whole, filter, place);
      this.#groups.set(whole, group);
    }
    const member = new SharedMember(group, client, options, () => this.#leave(group, member));
    group.add(member);
    return member;
  }

  #leave(group: SharedGroup, member: SharedMember): void {
    group.remove(member);
    if (group.size > 0 || this.#groups.get(group.name) !== group) return;
    this.#groups.delete(group.name);
    this.#left.set(group.name, group.stop());
    const [oldest] = this.#left.keys();
    if (this.#left.size > REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
  }
}

/** One client in a shared subscription. */
export class SharedMember implements ActiveSubscription {
  readonly filter: string;
  readonly options: SubscriptionOptions;
  readonly since: StartAt = new Map();
  readonly client: MqttClient;
  readonly group: SharedGroup;
  readonly #leave: () => void;
  #stopped = false;

  constructor(group: SharedGroup, client: MqttClient, options: SubscriptionOptions, leave: () => void) {
    this.filter = group.name;
    this.group = group;
    this.client = client;
    this.options = options;
    this.#leave = leave;
  }

  get hasRoom(): boolean {
    const { link, window, context } = this.client;
    if (link.getBufferedAmount() > context.services.limits.maxBuffered / 2) return false;
    return this.options.qos === 0 || window.room > 0;
  }

  /** There is room in the client's window. */
  pump(): void {
    this.group.pump();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.client.hungry.delete(this);
    this.#leave();
  }

  send(stored: Stored, cursor: Cursor): void {
    const { client, options } = this;
    const qos = qosOf(stored, options.qos);
    const frame = frameOf(stored, client.form(options, qos, false, idsOf(options)));
    if (frame === undefined) return;
    if (qos === 0) return client.link.send(frame.bytes);
    const flight = client.window.take({ courier: this, cursor, offset: stored.offset, qos });
    client.link.send(withPacketId(frame, flight.packet, false));
  }
}

function idsOf({ subscriptionId }: SubscriptionOptions): readonly number[] {
  return subscriptionId === undefined ? [] : [subscriptionId];
}

/** Those who share a subscription, and how far they have come together. */
class SharedGroup {
  readonly name: string;
  readonly #reader: LogReader;
  readonly #members: SharedMember[] = [];
  #next = 0;
  /** Messages of clients that left before they had acknowledged them: the next ones get them. */
  #again: { readonly stored: Stored; readonly cursor: Cursor }[] = [];

  constructor(context: MqttContext, name: string, filter: string, startAt: StartAt) {
    this.name = name;
    this.#reader = new LogReader(context, filter, startAt, {
      room: () => this.#room,
      take: (stored, cursor) => this.#give(stored, cursor),
      pause: () => Promise.resolve(),
      failed: (error) => this.#members[0]?.client.failed(error, "reading the log"),
      hungry: () => this.#starve(),
    });
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: SharedMember): void {
    this.#members.push(member);
    this.pump();
  }

  /** What it had not acknowledged at QoS 1 goes to another one. [MQTT-4.8.2-5 forbids that at QoS 2] */
  remove(member: SharedMember): void {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
    const window = member.client.usedWindow;
    if (window === undefined || this.#members.length === 0) return;
    const left = [...window.flights].filter(({ courier, qos, done }) => courier === member && qos === 1 && !done);
    for (const { cursor, offset } of left) if (cursor !== undefined) void this.#fetch(cursor, offset);
  }

  pump(): void {
    while (this.#again.length > 0 && this.#room > 0) {
      const { stored, cursor } = this.#again.shift()!;
      this.#give(stored, cursor);
    }
    this.#reader.pump();
  }

  /** Nobody is here any more. Returns how far the group has come. */
  stop(): StartAt {
    this.#reader.stop();
    return new Map(this.#reader.cursors.map(({ stream, taken }) => [stream.log.epoch, taken]));
  }

  get #room(): number {
    return this.#members.some((member) => member.hasRoom) ? 1 : 0;
  }

  #give(stored: Stored, cursor: Cursor): void {
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[this.#next++ % this.#members.length]!;
      if (member.hasRoom) return member.send(stored, cursor);
    }
  }

  #starve(): void {
    for (const member of this.#members) member.client.hungry.add(member);
  }

  async #fetch(cursor: Cursor, offset: number): Promise<void> {
    const page = await cursor.stream.log.read({ filter: this.#reader.group.filter, after: offset - 1, limit: 1 });
    const stored = page.messages[0];
    if (stored?.offset !== offset) return;
    this.#again.push({ stored, cursor });
    this.pump();
  }
}
