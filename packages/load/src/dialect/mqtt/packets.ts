/** Packets of MQTT 3.1.1 as a client of the load sends them. */

export const PACKET = { connack: 2, publish: 3, puback: 4, suback: 9 } as const;

/** Packet types with the flags that the standard fixes for them. */
const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const PUBLISH_QOS1 = 0x32;

const PROTOCOL_LEVEL = 4;
const CLEAN_SESSION = 0x02;

/** A clean session without keep-alive: nothing is to be sent only because time passes. */
export function connectPacket(clientId: string): Uint8Array {
  return packet(CONNECT, [text("MQTT"), Uint8Array.of(PROTOCOL_LEVEL, CLEAN_SESSION, 0, 0), text(clientId)]);
}

export function subscribePacket(id: number, topic: string, qos: 0 | 1): Uint8Array {
  return packet(SUBSCRIBE, [uint16(id), text(topic), Uint8Array.of(qos)]);
}

/** QoS 1. The id is at `idAt`. */
export function publishPacket(topic: string, payload: string): { readonly bytes: Uint8Array; readonly idAt: number } {
  const body = new TextEncoder().encode(payload);
  const bytes = packet(PUBLISH_QOS1, [text(topic), uint16(0), body]);
  return { bytes, idAt: bytes.length - body.length - 2 };
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

function packet(first: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of(first), remainingLength(length), ...parts]);
}

/** [MQTT 3.1.1, 2.2.3] Seven bits a byte, the lowest first. */
function remainingLength(length: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = length; ; left >>= 7) {
    if (left < 128) return Uint8Array.from([...bytes, left]);
    bytes.push((left & 127) | 128);
  }
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
