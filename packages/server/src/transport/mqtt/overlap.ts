import { isWildcard, matches, namespaceOf, type Stored } from "@tidegate/protocol";
import { parseShared } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "./client.ts";
import { isFrom } from "./headers.ts";
import type { ActiveSubscription } from "./subscription.ts";

/**
 * Who of a client's subscriptions delivers a message that several of them name: one, at the highest QoS of them all, with
 * the identifiers of all. [MQTT-3.3.4-2, MQTT-3.3.4-3]
 */
export interface Delivery {
  readonly by: ActiveSubscription;
  readonly ids: readonly number[];
}

/** Whether subscriptions of this client may name the same topic: only then each message must be looked at. */
export function mayOverlap(subscriptions: readonly ActiveSubscription[]): boolean {
  return subscriptions.length > 1 && subscriptions.some(({ filter }) => isWildcard(filter) && !isShared(filter));
}

export function deliveryOf(client: MqttClient, stored: Stored): Delivery | undefined {
  const { message } = stored;
  let by: ActiveSubscription | undefined;
  const ids: number[] = [];
  for (const subscription of client.state.subscriptions) {
    const { filter, options } = subscription;
    if (isShared(filter) || !matches(filter, message.topic) || !hasBegun(client, subscription, stored)) continue;
    if (options.noLocal && isFrom(message, client.clientId)) continue;
    if (options.subscriptionId !== undefined) ids.push(options.subscriptionId);
    if (by === undefined || options.qos > by.options.qos) by = subscription;
  }
  return by === undefined ? undefined : { by, ids };
}

/** Messages from before a subscription are not its own: whoever was there then delivers them. */
function hasBegun(client: MqttClient, { since }: ActiveSubscription, { message, offset }: Stored): boolean {
  if (since.size === 0) return true;
  const { epoch } = client.context.services.streamOf(namespaceOf(message.topic)).log;
  return offset > (since.get(epoch) ?? 0);
}

function isShared(filter: string): boolean {
  return parseShared(filter) !== undefined;
}
