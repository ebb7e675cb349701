import type { Stored } from "@tidegate/protocol";
import type { MqttClient } from "./client.ts";
import { frameOf, qosOf } from "./deliver.ts";
import type { Cursor } from "./log-reader.ts";
import { post } from "./post.ts";
import type { SharedGroup } from "./shared-group.ts";
import { type ActiveSubscription, FROM_NOW, type StartAt, type SubscriptionOptions } from "./subscription.ts";

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
  readonly group: SharedGroup;
  readonly #leave: () => void;
  #held = true;
  #stopped = false;

  constructor(group: SharedGroup, client: MqttClient, options: SubscriptionOptions, leave: () => void) {
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

  send(stored: Stored, cursor: Cursor): void {
    const { client, options } = this;
    const qos = qosOf(stored, options.qos);
    const ids = options.subscriptionId === undefined ? [] : [options.subscriptionId];
    if (qos === 0) {
      const frame = frameOf(stored, client.form(options, { qos, retained: false, ids, again: false }));
      if (frame !== undefined) client.link.send(frame.bytes);
      return;
    }
    const { epoch } = cursor.stream.log;
    const departure = { sender: this, cursor, epoch, offset: stored.offset, qos, retained: false };
    post(client, stored, client.window.take(departure), ids);
  }
}
