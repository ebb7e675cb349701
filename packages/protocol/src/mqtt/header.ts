import { FAULT, MqttFault } from "./fault.ts";
import { KINDS, type PacketKind, type Role } from "./kinds.ts";
import type { MqttVersion } from "./packet.ts";

/** The fixed header: section 2.2 of 3.1.1, 2.1 of 5.0. */

/** The most bytes that a remaining length has. */
const LONGEST = 4;

/** Bytes of the remaining length that begins at `at`; 0 if it does not end before `end`, 5 if it has more than four. */
export function lengthBytes(bytes: Uint8Array, at: number, end: number): number {
  for (let i = 0; i < LONGEST; i++) {
    if (at + i >= end) return 0;
    if (bytes[at + i]! < 128) return i + 1;
  }
  return LONGEST + 1;
}

/** The remaining length in `count` bytes at `at`. */
export function remainingLength(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value |= (bytes[at + i]! & 127) << (7 * i);
  return value;
}

/**
 * Which packet the first byte begins. Throws MqttFault if it is none, or not one that the reader may be sent: this is known
 * before anything else is kept of it. `version` is undefined before CONNECT, which must come first. [MQTT-3.1.0-1]
 */
export function checkFirstByte(byte: number, role: Role, version: MqttVersion | undefined): PacketKind {
  const kind = KINDS[byte >> 4];
  if (kind === undefined) throw new MqttFault(FAULT.malformed, "packet type 0 is reserved", version);
  const { name } = kind;
  if (version === undefined && kind.type !== "connect") {
    throw new MqttFault(FAULT.protocol, `the first packet must be CONNECT, this is ${name}`, version);
  }
  // [MQTT-2.2.2-2 in 3.1.1, MQTT-2.1.3-1 in 5.0]
  if (kind.flags !== undefined && kind.flags !== (byte & 15)) {
    throw new MqttFault(FAULT.malformed, `${name}: flags: they are ${byte & 15} and must be ${kind.flags}`, version);
  }
  if (version !== undefined) checkSender(kind, role, version);
  return kind;
}

/** [MQTT-3.1.0-2] and the directions of table 2-1. */
function checkSender(kind: PacketKind, role: Role, version: MqttVersion): void {
  const { name } = kind;
  const sender = kind.sender[version];
  if (sender === "nobody") throw new MqttFault(FAULT.malformed, `MQTT 3.1.1 has no ${name}`, version);
  if (kind.type === "connect" && role === "server") {
    throw new MqttFault(FAULT.protocol, "CONNECT: it was there before", version);
  }
  if (sender === role) throw new MqttFault(FAULT.protocol, `${name}: only a ${sender} may send it`, version);
}
