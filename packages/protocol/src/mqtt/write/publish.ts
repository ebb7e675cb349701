import type { AckType, MqttVersion, PublishPacket } from "../packet.ts";
import { FIRST_BYTE } from "../kinds.ts";
import { putText, putUint16, putVarint, textSize, varintSize } from "./bytes.ts";
import { propertiesSize, putSized } from "./properties.ts";
import { checkPacketId } from "./writer.ts";

/** What is alike for all receivers of a message. */
export type Publish = Pick<PublishPacket, "topic" | "payload" | "qos" | "retain" | "properties">;

export interface PublishFrame {
  readonly bytes: Uint8Array;
  /** Where the packet identifier stands, which is 0 in these bytes; 0 at QoS 0, where there is none. */
  readonly idAt: number;
}

const DUP = 8;

/** A PUBLISH to be sent to many: as it is at QoS 0, with `withPacketId` above. */
export function encodePublish(publish: Publish, version: MqttVersion): PublishFrame {
  const bytes = new Uint8Array(publishSize(publish, version));
  return { bytes, idAt: putPublish(bytes, 0, publish, version) };
}

/** `encodePublish` into bytes that have room for it, one of many packets perhaps. Returns where its packet id goes. */
export function putPublish(bytes: Uint8Array, from: number, publish: Publish, version: MqttVersion): number {
  const { topic, payload, qos, retain, properties } = publish;
  const block = version === 5 ? propertiesSize(properties, "publish") : 0;
  const idSize = qos === 0 ? 0 : 2;
  const head = textSize(topic) + idSize + (version === 5 ? varintSize(block) + block : 0);
  bytes[from] = FIRST_BYTE.publish | (qos << 1) | (retain ? 1 : 0);
  const bodyAt = putVarint(bytes, from + 1, head + payload.length);
  const idAt = putText(bytes, bodyAt, topic);
  if (version === 5) putSized(bytes, idAt + idSize, properties, block);
  bytes.set(payload, bodyAt + head);
  return qos === 0 ? 0 : idAt;
}

/** Bytes that `encodePublish` would make. */
export function publishSize({ topic, payload, qos, properties }: Publish, version: MqttVersion): number {
  const block = version === 5 ? propertiesSize(properties, "publish") : 0;
  const body = textSize(topic) + (qos === 0 ? 0 : 2) + (version === 5 ? varintSize(block) + block : 0) + payload.length;
  return 1 + varintSize(body) + body;
}

/** A copy for one receiver at QoS 1 or 2. `dup`: it was sent before. */
export function withPacketId({ bytes, idAt }: PublishFrame, packetId: number, dup: boolean): Uint8Array {
  const copy = bytes.slice();
  return idAt === 0 ? copy : patch(copy, idAt, packetId, dup);
}

export function encodeWholePublish(packet: PublishPacket, version: MqttVersion): Uint8Array {
  const { bytes, idAt } = encodePublish(packet, version);
  return idAt === 0 ? bytes : patch(bytes, idAt, checkPacketId(packet.packetId), packet.dup);
}

function patch(bytes: Uint8Array, idAt: number, packetId: number, dup: boolean): Uint8Array {
  putUint16(bytes, idAt, packetId);
  if (dup) bytes[0]! |= DUP;
  return bytes;
}

/** An acknowledgement of success without properties: the same four bytes in both versions. [3.4.2.1 of 5.0] */
export function encodeAck(type: AckType, packetId: number): Uint8Array {
  const bytes = new Uint8Array(ACK_SIZE);
  putAck(bytes, 0, ackWord(type, packetId));
  return bytes;
}

/** Bytes of such an acknowledgement. */
export const ACK_SIZE = 4;

/** Such an acknowledgement as one number, of which there may be very many before they are written. */
export function ackWord(type: AckType, packetId: number): number {
  return (FIRST_BYTE[type] << 16) | packetId;
}

/** Writes what `ackWord` made into bytes that have room for it. */
export function putAck(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >> 16;
  bytes[at + 1] = 2;
  putUint16(bytes, at + 2, word & 0xffff);
}
