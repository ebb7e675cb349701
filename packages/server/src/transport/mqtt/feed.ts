import type { Stored } from "@tidegate/protocol";
import type { Batch } from "../../delivery/batch.ts";
import type { DirectReceiver, Group } from "../../delivery/group.ts";
import type { MqttClient } from "./client.ts";
import { frameOf } from "./deliver.ts";
import type { QosZeroEncoder } from "./encoders.ts";
import { isFrom } from "./headers.ts";
import { deliveryBy } from "./overlap.ts";
import type { Recipient } from "./retained.ts";
import { FROM_NOW, type StartAt, type SubscriptionOptions, type Wanted } from "./subscription.ts";

/** Messages that may wait for the retained values of a new subscription. */
const MAX_WAITING = 1000;

/** A subscription at QoS 0: messages go to the client as they come, and those that it cannot take now are lost. */
export class Feed implements Recipient, DirectReceiver {
  readonly order: number;
  readonly options: SubscriptionOptions;
  readonly #client: MqttClient;
  readonly #group: Group;
  /** Set where all receivers of the same kind get the same bytes. */
  readonly #encoder: QosZeroEncoder | undefined;
  /** Offset of the newest message when the subscription began; undefined where several logs count. */
  readonly #after: number;
  /** Live messages that wait until the retained values have gone. */
  #waiting: Stored[] | undefined = undefined;
  #stopped = false;

  constructor(client: MqttClient, filter: string, { options, order }: Pick<Wanted, "options" | "order">) {
    this.options = options;
    this.order = order;
    this.#client = client;
    const { hub } = client.context.services;
    this.#encoder = sharedEncoder(client, options);
    this.#group = hub.group(filter);
    // What was dispatched before belongs to those who were there before.
    hub.flusher.flushGroup(this.#group);
    this.#after = this.#group.stream?.dispatched ?? 0;
    this.#group.addDirect(this);
  }

  /** One text for all subscribers, not one for each. */
  get filter(): string {
    return this.#group.filter;
  }

  get key(): string {
    return this.filter;
  }

  get since(): StartAt {
    return FROM_NOW;
  }

  get rank(): 0 {
    return 0;
  }

  /** Live messages wait from now on, until `release`. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** Sends what came live meanwhile. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (this.#stopped) return;
    for (const stored of waiting) this.#send(stored, false);
  }

  get takesValues(): boolean {
    return this.#client.isWritable;
  }

  value(stored: Stored): void {
    this.#send(stored, true);
  }

  stop(): void {
    if (this.#stopped) return;
    const { hub } = this.#client.context.services;
    hub.flusher.flushGroup(this.#group);
    this.release();
    this.#stopped = true;
    this.#group.removeDirect(this);
    hub.release(this.#group);
  }

  flush(): void {
    if (!this.#stopped) this.#client.context.services.hub.flusher.flushGroup(this.#group);
  }

  deliver(batch: Batch): void {
    if (this.#stopped) return;
    if (this.#waiting !== undefined) return this.#keep(this.#waiting, batch.messages);
    const first = batch.messages[0];
    const isCommon = this.#encoder !== undefined && !this.#client.overlaps && this.#hasRoom;
    if (isCommon && first !== undefined && first.offset > this.#after)
      this.#client.link.send(batch.frame(this.#encoder!));
    else for (const stored of batch.messages) if (stored.offset > this.#after) this.#send(stored, false);
  }

  get #hasRoom(): boolean {
    return this.#client.link.getBufferedAmount() <= this.#client.context.services.limits.maxBuffered;
  }

  #keep(waiting: Stored[], messages: readonly Stored[]): void {
    waiting.push(...messages.filter(({ offset }) => offset > this.#after));
    if (waiting.length > MAX_WAITING) waiting.splice(0, waiting.length - MAX_WAITING);
  }

  #send(stored: Stored, retained: boolean): void {
    const client = this.#client;
    if (!this.#hasRoom || (this.options.noLocal && isFrom(stored.message, client.clientId))) return;
    const delivery = deliveryBy(this, client, stored, retained);
    if (delivery === undefined) return;
    const parts = { qos: 0, retained, ids: delivery.ids, again: false } as const;
    const frame = frameOf(stored, client.form(this.options, parts));
    if (frame !== undefined) client.link.send(frame.bytes);
  }
}

function sharedEncoder(client: MqttClient, options: SubscriptionOptions): QosZeroEncoder | undefined {
  if (options.noLocal || options.subscriptionId !== undefined || !client.takesSharedFrames) return undefined;
  return client.context.encoders.of(client.version, options.retainAsPublished);
}
