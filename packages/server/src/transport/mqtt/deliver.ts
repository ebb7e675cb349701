import type { Quality, Stored } from "@tidegate/protocol";
import {
  encodePublish,
  type MqttProperties,
  type MqttVersion,
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

/** The QoS of a delivery: the lower of what was published and what was asked for. [MQTT-3.8.4-8] */
export function qosOf({ message }: Stored, asked: Quality): Quality {
  return Math.min(message.quality ?? 2, asked) as Quality;
}

export interface DeliveryParts extends DeliveryForm {
  readonly now: number;
  /** It answers a subscription with the retained value of a topic. */
  readonly retained: boolean;
  /** Of a client that takes topic aliases. */
  readonly aliases: AliasesOut | undefined;
  /** Bytes of the largest packet that the client takes. */
  readonly maxPacket: number;
}

/** The PUBLISH of a message; undefined if it has expired, or is larger than the client takes. [MQTT-3.1.2-25] */
export function frameOf(stored: Stored, parts: DeliveryParts): PublishFrame | undefined {
  const { message } = stored;
  const left = secondsLeft(message, parts.now);
  if (left !== undefined && left <= 0) return undefined;
  const publish = {
    topic: message.topic,
    payload: message.payload.bytes,
    qos: qosOf(stored, parts.qos),
    // Live messages are not retained ones, whatever they were published as. [MQTT-3.3.1-12, MQTT-3.3.1-13]
    retain: parts.retained || (parts.retainAsPublished && message.retain),
    properties: parts.version === 5 ? withIds(propertiesOf(message, left), parts.ids) : undefined,
  };
  if (parts.maxPacket < UNBOUNDED && publishSize(publish, parts.version) > parts.maxPacket) return undefined;
  if (parts.aliases === undefined) return encodePublish(publish, parts.version);
  const { topic, alias } = parts.aliases.of(message.topic);
  if (alias === undefined) return encodePublish(publish, parts.version);
  return encodePublish({ ...publish, topic, properties: { ...publish.properties, topicAlias: alias } }, parts.version);
}

/** A packet can have no more. [MQTT 5, 2.1.4] */
export const UNBOUNDED = 268_435_460;

function withIds(
  properties: MqttProperties | undefined,
  subscriptionIdentifiers: readonly number[],
): MqttProperties | undefined {
  return subscriptionIdentifiers.length === 0 ? properties : { ...properties, subscriptionIdentifiers };
}
