import { FAULT } from "../fault.ts";
import { topicNameFault } from "../names.ts";
import type { PublishPacket, Qos } from "../packet.ts";
import type { MqttProperties } from "../properties.ts";
import { readProperties } from "./properties.ts";
import type { Reader } from "./reader.ts";

/** `flags` are the low four bits of the first byte. */
export function readPublish(reader: Reader, flags: number): PublishPacket {
  const qos = readQos(reader, flags);
  const topic = readTopic(reader);
  const packetId = qos === 0 ? undefined : reader.packetId();
  const properties = readProperties(reader, "publish");
  if (topic === "") checkAlias(reader, properties);
  // [MQTT-3.3.4-6]
  if (reader.role === "server" && properties?.subscriptionIdentifiers !== undefined) {
    reader.protocol("subscriptionIdentifiers", "only a server may send it in PUBLISH");
  }
  const payload = reader.rest();
  return {
    type: "publish",
    topic,
    payload,
    qos,
    retain: (flags & 1) !== 0,
    dup: (flags & 8) !== 0,
    packetId,
    properties,
  };
}

/** [MQTT-3.3.1-2, MQTT-3.3.1-4] */
function readQos(reader: Reader, flags: number): Qos {
  const qos = (flags >> 1) & 3;
  if (qos === 3) reader.malformed("flags", "the QoS is 3");
  if (qos === 0 && (flags & 8) !== 0) reader.malformed("flags", "DUP is set at QoS 0");
  return qos as Qos;
}

/** [MQTT-3.3.2-2, MQTT-4.7.3-1] */
function readTopic(reader: Reader): string {
  const topic = reader.topic("topic");
  // The last one was checked.
  if (topic === reader.lastTopic) return topic;
  if (topic === "" && reader.version === 5) return topic;
  const fault = topicNameFault(topic);
  if (fault !== undefined) reader.fail(FAULT.topic, "topic", fault);
  if (topic.length <= LONGEST_KEPT) reader.lastTopic = topic;
  return topic;
}

/** UTF-16 units of a topic that is kept to compare the next one with: the memory of each connection is counted. */
const LONGEST_KEPT = 128;

/** Section 3.3.2.1 of 5.0. */
function checkAlias(reader: Reader, properties: MqttProperties | undefined): void {
  if (reader.version === 4) reader.fail(FAULT.topic, "topic", "it is empty");
  if (properties?.topicAlias === undefined) reader.protocol("topic", "it is empty, and there is no topic alias");
}
