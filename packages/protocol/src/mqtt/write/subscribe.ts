import type { MqttVersion, SubscribePacket, Subscription, UnsubscribePacket } from "../packet.ts";
import { putText, putUint16, textSize } from "./bytes.ts";
import { blockSize, putProperties } from "./properties.ts";
import { checkPacketId, type BodyWriter } from "./writer.ts";

export const SUBSCRIBE: BodyWriter<SubscribePacket> = {
  size({ packetId, properties, subscriptions }, version) {
    checkPacketId(packetId);
    checkSome(subscriptions);
    let size = version === 5 ? 2 + blockSize(properties, "subscribe") : 2;
    for (const { filter } of subscriptions) size += textSize(filter) + 1;
    return size;
  },
  put(bytes, from, { packetId, properties, subscriptions }, version) {
    let at = putUint16(bytes, from, packetId);
    if (version === 5) at = putProperties(bytes, at, properties, "subscribe");
    for (const subscription of subscriptions) {
      at = putText(bytes, at, subscription.filter);
      bytes[at++] = optionsOf(subscription, version);
    }
  },
};

export const UNSUBSCRIBE: BodyWriter<UnsubscribePacket> = {
  size({ packetId, properties, filters }, version) {
    checkPacketId(packetId);
    checkSome(filters);
    let size = version === 5 ? 2 + blockSize(properties, "unsubscribe") : 2;
    for (const filter of filters) size += textSize(filter);
    return size;
  },
  put(bytes, from, { packetId, properties, filters }, version) {
    let at = putUint16(bytes, from, packetId);
    if (version === 5) at = putProperties(bytes, at, properties, "unsubscribe");
    for (const filter of filters) at = putText(bytes, at, filter);
  },
};

/** [MQTT-3.8.3-2, MQTT-3.10.3-2] */
function checkSome(list: readonly unknown[]): void {
  if (list.length === 0) throw new RangeError("a packet to subscribe or unsubscribe has at least one filter");
}

function optionsOf(subscription: Subscription, version: MqttVersion): number {
  const { qos, noLocal, retainAsPublished, retainHandling } = subscription;
  if (version === 4) return qos;
  return qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4);
}
