import type { Quality, Stored } from "@tidegate/protocol";
import {
  encodePublish,
  type MqttProperties,
  type MqttVersion,
  type Publish,
  publishSize,
  type PublishFrame,
} from "@tidegate/protocol/mqtt";
import type { AliasesOut } from "./aliases.ts";
import { propertiesOf, secondsLeft } from "./headers.ts";

/** How a client wants the messages of a subscription. */
export interface DeliveryForm {
  readonly version: MqttVersion;
  readonly qos: Quality;
  readonly retainAsPublished: boolean;
  /** Identifiers of the subscriptions that it answers. */
  readonly ids: readonly number[];
}

/** What is special to one delivery. */
export type DeliveryWishes = Pick<DeliveryParts, "qos" | "retained" | "ids" | "again">;

/** The QoS of a delivery: the lower of what was published and what was asked for. [MQTT-3.8.4-8] */
export function qosOf({ message }: Stored, asked: Quality): Quality {
  return Math.min(message.quality ?? 2, asked) as Quality;
}

export interface DeliveryParts extends DeliveryForm {
  readonly now: number;
  /** It answers a subscription with the retained value of a topic. */
  readonly retained: boolean;
  /** It was sent before, to a connection that broke: it goes again, although it may have expired since. */
  readonly again: boolean;
  /** Of a client that takes topic aliases. */
  readonly aliases: AliasesOut | undefined;
  /** Bytes of the largest packet that the client takes. */
  readonly maxPacket: number;
}

/** The PUBLISH of a message; undefined if it has expired, or is larger than the client takes. [MQTT-3.1.2-25] */
export function frameOf(stored: Stored, parts: DeliveryParts): PublishFrame | undefined {
  const publish = publishOf(stored, parts);
  return publish === undefined ? undefined : encodeFor(publish, parts);
}

/** What goes to the client, without topic aliases: undefined as with `frameOf`. */
export function publishOf(stored: Stored, parts: DeliveryParts): Publish | undefined {
  const { message } = stored;
  const left = secondsLeft(message, parts.now);
  // [MQTT-3.3.2-5]
  if (left !== undefined && left <= 0 && !parts.again) return undefined;
  const life = left === undefined ? undefined : Math.max(1, left);
  const properties = parts.version === 5 ? propertiesOf(message, life) : undefined;
  const publish = {
    topic: message.topic,
    payload: message.payload.bytes,
    qos: qosOf(stored, parts.qos),
    // Live messages are not retained ones, whatever they were published as. [MQTT-3.3.1-12, MQTT-3.3.1-13]
    retain: parts.retained || (parts.retainAsPublished && message.retain),
    properties: parts.version === 5 ? withIds(properties, parts.ids) : undefined,
  };
  if (parts.maxPacket < UNBOUNDED && publishSize(publish, parts.version) > parts.maxPacket) return undefined;
  return publish;
}

/** To be called in the order in which the packets are sent: the first one with an alias says what it stands for. */
export function encodeFor(publish: Publish, { aliases, version, maxPacket }: DeliveryParts): PublishFrame {
  if (aliases === undefined) return encodePublish(publish, version);
  // The packet that sets an alias is larger than one without.
  if (maxPacket < UNBOUNDED && publishSize(publish, version) + ALIAS_BYTES > maxPacket)
    return encodePublish(publish, version);
  const { topic, alias } = aliases.of(publish.topic);
  if (alias === undefined) return encodePublish(publish, version);
  return encodePublish({ ...publish, topic, properties: { ...publish.properties, topicAlias: alias } }, version);
}

/** The property, and what the length of the properties and of the packet may grow by. */
const ALIAS_BYTES = 5;

/** A packet can have no more. [MQTT 5, 2.1.4] */
export const UNBOUNDED = 268_435_460;

function withIds(
  properties: MqttProperties | undefined,
  subscriptionIdentifiers: readonly number[],
): MqttProperties | undefined {
  return subscriptionIdentifiers.length === 0 ? properties : { ...properties, subscriptionIdentifiers };
}
