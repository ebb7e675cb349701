import { FAULT } from "../fault.ts";
import { parseShared, topicFilterFault } from "../names.ts";
import type { Qos, SubscribePacket, Subscription, UnsubscribePacket } from "../packet.ts";
import { readProperties } from "./properties.ts";
import type { Reader } from "./reader.ts";

const NO_LOCAL = 0x04;
const AS_PUBLISHED = 0x08;

export function readSubscribe(reader: Reader): SubscribePacket {
  const packetId = reader.packetId();
  const properties = readProperties(reader, "subscribe");
  if ((properties?.subscriptionIdentifiers?.length ?? 0) > 1) {
    reader.protocol("subscriptionIdentifiers", "it is there twice");
  }
  const subscriptions: Subscription[] = [];
  while (reader.more) subscriptions.push(readSubscription(reader));
  // [MQTT-3.8.3-2 in 5.0, -3 in 3.1.1]
  if (subscriptions.length === 0) reader.protocol("", "it has no topic filter");
  return { type: "subscribe", packetId, subscriptions, properties };
}

export function readUnsubscribe(reader: Reader): UnsubscribePacket {
  const packetId = reader.packetId();
  const properties = readProperties(reader, "unsubscribe");
  const filters: string[] = [];
  while (reader.more) filters.push(readFilter(reader));
  // [MQTT-3.10.3-2]
  if (filters.length === 0) reader.protocol("", "it has no topic filter");
  return { type: "unsubscribe", packetId, filters, properties };
}

function readFilter(reader: Reader): string {
  const filter = reader.text("topic filter");
  const fault = topicFilterFault(filter, reader.version ?? 5);
  return fault === undefined ? filter : reader.fail(FAULT.filter, "topic filter", fault);
}

function readSubscription(reader: Reader): Subscription {
  const filter = readFilter(reader);
  const options = readOptions(reader);
  const noLocal = (options & NO_LOCAL) !== 0;
  // [MQTT-3.8.3-4 in 5.0]
  if (noLocal && parseShared(filter) !== undefined) {
    reader.protocol("subscription options", "no local is not allowed in a shared subscription");
  }
  return {
    filter,
    qos: (options & 3) as Qos,
    noLocal,
    retainAsPublished: (options & AS_PUBLISHED) !== 0,
    retainHandling: ((options >> 4) & 3) as 0 | 1 | 2,
  };
}

/** [MQTT-3.8.3-5 in 5.0, MQTT-3-8.3-4 in 3.1.1] */
function readOptions(reader: Reader): number {
  const what = "subscription options";
  const options = reader.byte(what);
  const reserved = reader.version === 4 ? 0xfc : 0xc0;
  if ((options & reserved) !== 0) reader.malformed(what, "a reserved bit is set");
  if ((options & 3) === 3) {
    if (reader.version === 4) reader.malformed(what, "the QoS is 3");
    reader.protocol(what, "the QoS is 3");
  }
  if ((options & 0x30) === 0x30) reader.protocol(what, "the retain handling is 3");
  return options;
}
