import type { Stored } from "@tidegate/protocol";
import type { MqttClient } from "./client.ts";
import { frameOf, qosOf } from "./deliver.ts";
import type { Cursor } from "./cursor.ts";
import { post } from "./post.ts";
import { type ActiveSubscription, FROM_NOW, type StartAt, type SubscriptionOptions } from "./subscription.ts";

/** Those who share a subscription on this gateway. */
export interface MemberGroup {
  readonly name: string;
  readonly size: number;
  /** How far the group is done in each log, to be stored with its members' sessions. */
  readonly positions: StartAt;
  add(member: SharedMember): void;
  remove(member: SharedMember): void;
  /** There may be room. */
  pump(): void;
  /** A message is under way to one of its members since an earlier connection. */
  passOver(epoch: string, offset: number): void;
  /** A member is done with a message, or it is certain that nobody else may have it. */
  done(epoch: string, offset: number): void;
}

/** Where a message comes from; the cursor is undefined where the log gives it out itself. */
export interface Source {
  readonly cursor: Cursor | undefined;
  readonly epoch: string;
}

/** Messages of QoS 0 that one member is given before the next page is read. */
const QOS_ZERO_ROOM = 100;

/** One client in a shared subscription. */
export class SharedMember implements ActiveSubscription {
  readonly filter: string;
  /** It has no part in what others deliver. */
  readonly order = 0;
  options: SubscriptionOptions;
  readonly since: StartAt = FROM_NOW;
  readonly rank = 0;
  readonly client: MqttClient;
  readonly group: MemberGroup;
  readonly #leave: () => void;
  #held = true;
  #stopped = false;

  constructor(group: MemberGroup, client: MqttClient, options: SubscriptionOptions, leave: () => void) {
    this.filter = group.name;
    this.group = group;
    this.client = client;
    this.options = options;
    this.#leave = leave;
  }

  get key(): string {
    return this.filter;
  }

  /** Messages that it can be given now. */
  get room(): number {
    const { client } = this;
    if (this.#held || client.phase === "closed" || !client.isWritable) return 0;
    return this.options.qos === 0 ? QOS_ZERO_ROOM : client.room;
  }

  release(): void {
    this.#held = false;
    this.group.pump();
  }

  /** There is room in the client's window. */
  pump(): void {
    this.group.pump();
  }

  /** The client is gone, or does not want it any more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.client.hungry.delete(this);
    this.#leave();
  }

  send(stored: Stored, { cursor, epoch }: Source): void {
    const { client, options, group } = this;
    const { offset } = stored;
    const qos = qosOf(stored, options.qos);
    const ids = options.subscriptionId === undefined ? [] : [options.subscriptionId];
    if (qos === 0) {
      const frame = frameOf(stored, client.form(options, { qos, retained: false, ids, again: false }));
      if (frame !== undefined) client.link.send(frame.bytes);
      return group.done(epoch, offset);
    }
    const flight = client.window.take({ sender: this, cursor, epoch, offset, qos, retained: false });
    post(client, stored, flight, ids);
    // The client takes nothing so large, and nobody else would get it either. [MQTT-3.1.2-25]
    if (client.window.get(flight.packet) !== flight) group.done(epoch, offset);
    // Once it is stored with the session it goes to nobody else.
    else if (qos === 2) this.#whenStored(() => group.done(epoch, offset));
  }

  #whenStored(act: () => void): void {
    const { ledger } = this.client.state;
    if (ledger === undefined) act();
    else ledger.behind(act);
  }
}
