import { FIRST_BYTE } from "./kinds.ts";
import type { MqttPacket, MqttPacketType, MqttVersion } from "./packet.ts";
import type { MqttProperties } from "./properties.ts";
import { ACK, AUTH, CONNACK, DISCONNECT, PING, SUBACK, UNSUBACK } from "./write/answers.ts";
import { putVarint, varintSize } from "./write/bytes.ts";
import { CONNECT } from "./write/connect.ts";
import { encodeWholePublish, publishSize } from "./write/publish.ts";
import { SUBSCRIBE, UNSUBSCRIBE } from "./write/subscribe.ts";
import type { BodyWriter } from "./write/writer.ts";

type Other = Exclude<MqttPacket, { readonly type: "publish" }>;

/** Each writes packets of its own type only, and is asked for no others. */
const WRITERS = {
  connect: CONNECT,
  connack: CONNACK,
  puback: ACK,
  pubrec: ACK,
  pubrel: ACK,
  pubcomp: ACK,
  subscribe: SUBSCRIBE,
  suback: SUBACK,
  unsubscribe: UNSUBSCRIBE,
  unsuback: UNSUBACK,
  pingreq: PING,
  pingresp: PING,
  disconnect: DISCONNECT,
  auth: AUTH,
} as Readonly<Record<Other["type"], BodyWriter<Other>>>;

/**
 * One packet, in an array of exactly its size. What 3.1.1 does not have is left out, except where it would change the meaning.
 * Throws RangeError for what the version cannot say: that is the caller's fault, not the peer's.
 */
export function encodePacket(packet: MqttPacket, version: MqttVersion): Uint8Array {
  if (packet.type === "publish") return encodeWholePublish(packet, version);
  const writer = WRITERS[packet.type];
  const body = writer.size(packet, version);
  const bytes = new Uint8Array(1 + varintSize(body) + body);
  bytes[0] = FIRST_BYTE[packet.type];
  writer.put(bytes, putVarint(bytes, 1, body), packet, version);
  return bytes;
}

/** Bytes that `encodePacket` would make. */
export function packetSize(packet: MqttPacket, version: MqttVersion): number {
  if (packet.type === "publish") return publishSize(packet, version);
  const body = WRITERS[packet.type].size(packet, version);
  return 1 + varintSize(body) + body;
}

/** Packets whose reason string and user properties are only an explanation; in all others they are the sender's content. */
const ANSWERS: ReadonlySet<MqttPacketType> = new Set([
  "connack",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "suback",
  "unsuback",
  "disconnect",
  "auth",
]);

/**
 * The packet in at most `max` bytes, if need be without its reason string, then without its user properties; undefined if it
 * is too large even so. [MQTT-3.1.2-24, MQTT-3.4.2-2, MQTT-3.4.2-3 and their like for the other answers]
 */
export function encodeWithin(packet: MqttPacket, version: MqttVersion, max: number): Uint8Array | undefined {
  if (packetSize(packet, version) <= max) return encodePacket(packet, version);
  if (version === 4 || !ANSWERS.has(packet.type)) return undefined;
  for (const name of ["reasonString", "userProperties"] as const) {
    packet = without(packet, name);
    if (packetSize(packet, version) <= max) return encodePacket(packet, version);
  }
  return undefined;
}

function without(packet: MqttPacket, name: keyof MqttProperties): MqttPacket {
  if (!("properties" in packet) || packet.properties === undefined) return packet;
  return { ...packet, properties: { ...packet.properties, [name]: undefined } };
}
