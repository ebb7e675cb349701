import { isWildcard, matches, type Quality, type Stored } from "@tidegate/protocol";
import { parseShared } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "./client.ts";
import { Courier } from "./courier.ts";
import { isFrom } from "./headers.ts";
import type { ActiveSubscription } from "./subscription.ts";

/**
 * Who of a client's subscriptions delivers a message that several of them name: one, at the highest QoS of them all, with
 * the identifiers of all. [MQTT-3.3.4-2, MQTT-3.3.4-3]
 */
export interface Delivery {
  readonly by: ActiveSubscription;
  readonly qos: Quality;
  readonly ids: readonly number[];
}

const NO_IDS: readonly number[] = [];

/** Subscriptions from which on it pays to remember who delivers a message: each of those that name it asks. */
const MANY = 8;
/** Messages that are remembered together. */
const REMEMBERED = 1000;

interface Decided {
  readonly topic: string;
  readonly delivery: Delivery | undefined;
}

/** That subscriptions of a client may name the same topics. Made anew whenever one of them changes. */
export class Overlap {
  /** One of them was ended, and has still to deliver for others. */
  readonly hasEnded: boolean;
  /** Of this turn of the event loop, by offset. */
  #decided: Map<number, Decided> | undefined = undefined;
  /** Delivered what was decided on last: it is likely to deliver what others come to next. */
  #last: ActiveSubscription | undefined = undefined;

  constructor(hasEnded: boolean) {
    this.hasEnded = hasEnded;
  }

  /** One that takes a message and goes before this one, if that can be said without asking all. */
  goesFirst(than: ActiveSubscription, client: MqttClient, stored: Stored): ActiveSubscription | undefined {
    const last = this.#last;
    if (last === undefined || !goesBefore(last, than)) return undefined;
    const { epoch } = client.context.services.streamOf(stored.message.topic).log;
    return takes(client, last, stored, epoch) ? last : undefined;
  }

  deliveryOf(client: MqttClient, stored: Stored): Delivery | undefined {
    if (client.state.all.length < MANY) return deliveryOf(client, stored);
    const { offset, message } = stored;
    const known = this.#decided?.get(offset);
    // A topic is in one log: with the offset it says which message it is.
    if (known?.topic === message.topic) return known.delivery;
    const delivery = deliveryOf(client, stored);
    this.#last = delivery?.by;
    this.#remember(client, offset, { topic: message.topic, delivery });
    return delivery;
  }

  #remember({ context }: MqttClient, offset: number, decided: Decided): void {
    if (this.#decided === undefined) {
      this.#decided = new Map();
      context.services.clock.endOfTurn(() => (this.#decided = undefined));
    }
    if (this.#decided.size >= REMEMBERED) this.#decided.clear();
    this.#decided.set(offset, decided);
  }
}

/** Undefined if no topic can be named by two of them: only where it can each message must be looked at. */
export function overlapOf(subscriptions: readonly ActiveSubscription[]): Overlap | undefined {
  const hasEnded = subscriptions.some(isEnded);
  return hasEnded || mayOverlap(subscriptions) ? new Overlap(hasEnded) : undefined;
}

export function isEnded(subscription: ActiveSubscription): subscription is Courier {
  return subscription instanceof Courier && subscription.hasEnded;
}

/**
 * How a subscription delivers a message; undefined if another one does. A retained value answers the one subscription that
 * asked for it.
 */
export function deliveryBy(
  by: ActiveSubscription,
  client: MqttClient,
  stored: Stored,
  retained: boolean,
): Delivery | undefined {
  const { qos, subscriptionId } = by.options;
  const { overlap } = client.state;
  if (retained || overlap === undefined)
    return { by, qos, ids: subscriptionId === undefined ? NO_IDS : [subscriptionId] };
  if (overlap.goesFirst(by, client, stored) !== undefined) return undefined;
  const delivery = overlap.deliveryOf(client, stored);
  return delivery?.by === by ? delivery : undefined;
}

function mayOverlap(subscriptions: readonly ActiveSubscription[]): boolean {
  return subscriptions.length > 1 && subscriptions.some(({ filter }) => isWildcard(filter) && !isShared(filter));
}

/**
 * One that has ended still delivers what the others left to it: whether it is the one must not change while the message
 * waits. But it delivers only what one that has not ended names, and as that one wants it.
 */
function deliveryOf(client: MqttClient, stored: Stored): Delivery | undefined {
  const { epoch } = client.context.services.streamOf(stored.message.topic).log;
  let by: ActiveSubscription | undefined;
  let qos: Quality | undefined;
  const ids: number[] = [];
  for (const subscription of client.state.all) {
    if (!takes(client, subscription, stored, epoch)) continue;
    const { options } = subscription;
    if (by === undefined || subscription.rank > by.rank) by = subscription;
    if (isEnded(subscription)) continue;
    if (options.subscriptionId !== undefined) ids.push(options.subscriptionId);
    if (qos === undefined || options.qos > qos) qos = options.qos;
  }
  return by === undefined || qos === undefined ? undefined : { by, qos, ids };
}

/** Of two that take a message: at the highest QoS, and of those the oldest one. */
function goesBefore(one: ActiveSubscription, other: ActiveSubscription): boolean {
  return one.rank > other.rank || (one.rank === other.rank && one.order < other.order);
}

function takes(client: MqttClient, subscription: ActiveSubscription, stored: Stored, epoch: string): boolean {
  const { filter, options, since } = subscription;
  const { message, offset } = stored;
  if (isShared(filter) || !matches(filter, message.topic)) return false;
  // Messages from before a subscription are not its own: whoever was there then delivers them.
  if (since.size > 0 && offset <= (since.get(epoch) ?? 0)) return false;
  if (subscription instanceof Courier && !subscription.hadUntil(epoch, offset)) return false;
  return !(options.noLocal && isFrom(message, client.clientId));
}

function isShared(filter: string): boolean {
  return parseShared(filter) !== undefined;
}
