import type { ConnectPacket, MqttVersion, Will } from "../packet.ts";
import { binarySize, putBinary, putText, putUint16, textSize } from "./bytes.ts";
import { blockSize, putProperties } from "./properties.ts";
import type { BodyWriter } from "./writer.ts";

const PROTOCOL_NAME = "MQTT";
/** Protocol name, level, flags and keep-alive. */
const FIXED = 2 + PROTOCOL_NAME.length + 1 + 1 + 2;

export const CONNECT: BodyWriter<ConnectPacket> = {
  size(packet, version) {
    check(packet, version);
    const { clientId, will, username, password, properties } = packet;
    let size = FIXED + textSize(clientId);
    if (version === 5) size += blockSize(properties, "connect");
    if (will !== undefined) size += willSize(will, version);
    if (username !== undefined) size += textSize(username);
    if (password !== undefined) size += binarySize(password);
    return size;
  },
  put(bytes, from, packet, version) {
    const { clientId, will, username, password, properties } = packet;
    let at = putText(bytes, from, PROTOCOL_NAME);
    bytes[at++] = version;
    bytes[at++] = flagsOf(packet);
    at = putUint16(bytes, at, packet.keepAlive);
    if (version === 5) at = putProperties(bytes, at, properties, "connect");
    at = putText(bytes, at, clientId);
    if (will !== undefined) at = putWill(bytes, at, will, version);
    if (username !== undefined) at = putText(bytes, at, username);
    if (password !== undefined) putBinary(bytes, at, password);
  },
};

function check(packet: ConnectPacket, version: MqttVersion): void {
  if (packet.version !== version) {
    throw new RangeError(`a CONNECT of version ${packet.version} cannot be written as ${version}`);
  }
  // [MQTT-3.1.2-22 in 3.1.1]
  if (version === 4 && packet.password !== undefined && packet.username === undefined) {
    throw new RangeError("MQTT 3.1.1 has no password without a user name");
  }
}

function flagsOf({ cleanStart, will, username, password }: ConnectPacket): number {
  let flags = cleanStart ? 0x02 : 0;
  if (will !== undefined) flags |= 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0);
  if (password !== undefined) flags |= 0x40;
  return username === undefined ? flags : flags | 0x80;
}

function willSize(will: Will, version: MqttVersion): number {
  const size = textSize(will.topic) + binarySize(will.payload);
  return version === 5 ? size + blockSize(will.properties, "will") : size;
}

function putWill(bytes: Uint8Array, from: number, will: Will, version: MqttVersion): number {
  const at = version === 5 ? putProperties(bytes, from, will.properties, "will") : from;
  return putBinary(bytes, putText(bytes, at, will.topic), will.payload);
}
