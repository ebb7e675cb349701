import type {
  AckPacket,
  AuthPacket,
  ConnackPacket,
  DisconnectPacket,
  MqttVersion,
  SubackPacket,
  UnsubackPacket,
} from "../packet.ts";
import { putUint16 } from "./bytes.ts";
import { blockSize, propertiesSize, putProperties } from "./properties.ts";
import { checkPacketId, type BodyWriter } from "./writer.ts";

/** The highest return code of a 3.1.1 CONNACK. */
const LAST_RETURN_CODE = 5;
/** The one failure of a 3.1.1 SUBACK. */
const FAILURE = 0x80;

export const CONNACK: BodyWriter<ConnackPacket> = {
  size({ code, properties }, version) {
    if (version === 5) return 2 + blockSize(properties, "connack");
    if (code <= LAST_RETURN_CODE) return 2;
    throw new RangeError(`MQTT 3.1.1 has no return code ${code}: see returnCodeOf`);
  },
  put(bytes, at, { sessionPresent, code, properties }, version) {
    bytes[at] = sessionPresent ? 1 : 0;
    bytes[at + 1] = code;
    if (version === 5) putProperties(bytes, at + 2, properties, "connack");
  },
};

/** In 3.1.1 there is only the packet identifier: a refusal cannot be said. */
export const ACK: BodyWriter<AckPacket> = {
  size(packet, version) {
    checkPacketId(packet.packetId);
    return 2 + tailSize(packet, version);
  },
  put(bytes, at, packet, version) {
    putTail(bytes, putUint16(bytes, at, packet.packetId), packet, version);
  },
};

/** In 3.1.1 there is nothing. */
export const DISCONNECT: BodyWriter<DisconnectPacket> = { size: tailSize, put: putTail };

export const AUTH: BodyWriter<AuthPacket> = {
  size(packet, version) {
    if (version === 4) throw new RangeError("MQTT 3.1.1 has no AUTH");
    return tailSize(packet, version);
  },
  put: putTail,
};

type WithTail = AckPacket | DisconnectPacket | AuthPacket;

/** Code and properties: both are left out if they say nothing. [3.4.2.1, 3.14.2.1, 3.15.2.1 of 5.0] */
function tailSize({ type, code, properties }: WithTail, version: MqttVersion): number {
  if (version === 4) return 0;
  if (propertiesSize(properties, type) > 0) return 1 + blockSize(properties, type);
  if (code === 0) return 0;
  // AUTH alone may not end with its code.
  return type === "auth" ? 2 : 1;
}

function putTail(bytes: Uint8Array, at: number, { type, code, properties }: WithTail, version: MqttVersion): void {
  if (version === 4 || at === bytes.length) return;
  bytes[at] = code;
  if (at + 1 < bytes.length) putProperties(bytes, at + 1, properties, type);
}

export const SUBACK: BodyWriter<SubackPacket> = {
  size({ packetId, codes, properties }, version) {
    checkPacketId(packetId);
    return (version === 5 ? 2 + blockSize(properties, "suback") : 2) + codes.length;
  },
  put(bytes, from, { packetId, codes, properties }, version) {
    let at = putUint16(bytes, from, packetId);
    if (version === 5) at = putProperties(bytes, at, properties, "suback");
    for (const code of codes) bytes[at++] = version === 4 && code > 2 ? FAILURE : code;
  },
};

/** In 3.1.1 there are no codes. */
export const UNSUBACK: BodyWriter<UnsubackPacket> = {
  size({ packetId, codes, properties }, version) {
    checkPacketId(packetId);
    return version === 5 ? 2 + blockSize(properties, "unsuback") + codes.length : 2;
  },
  put(bytes, from, { packetId, codes, properties }, version) {
    const at = putUint16(bytes, from, packetId);
    if (version === 5) bytes.set(codes, putProperties(bytes, at, properties, "unsuback"));
  },
};

export const PING: BodyWriter<unknown> = { size: () => 0, put: () => undefined };
