/** Packets of MQTT 3.1.1 (OASIS Standard, 29 October 2014) as a load needs them: the engine's, and that of the benchmarks. */

export const PACKET = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const;

const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const PUBLISH = 0x30;
const PUBACK = 0x40;

/** [MQTT-3.1.2] Protocol level and flags of the connect packet. */
const LEVEL = 4;
const CLEAN = 0x02;
const WITH_PASSWORD = 0x40;
const WITH_USER = 0x80;

/** Bytes of the remaining length, at most. [MQTT 2.2.3] */
const LENGTH_BYTES = 4;

export const PINGREQ = Uint8Array.of(0xc0, 0);
export const DISCONNECT = Uint8Array.of(0xe0, 0);

export interface Login {
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Seconds; 0 for none. */
  readonly keepAlive: number;
}

/** A clean session. A password without a user name is not allowed: the client's id stands in. [MQTT-3.1.2-22] */
export function connectPacket({ clientId, user, password, keepAlive }: Login): Uint8Array {
  const name = user ?? (password === undefined ? undefined : clientId);
  const flags = CLEAN | (name === undefined ? 0 : WITH_USER) | (password === undefined ? 0 : WITH_PASSWORD);
  const texts = [clientId, name, password].filter((each) => each !== undefined).map(text);
  return packet(CONNECT, [text("MQTT"), Uint8Array.of(LEVEL, flags, keepAlive >> 8, keepAlive & 0xff), ...texts]);
}

export function subscribePacket(id: number, topic: string, qos: number): Uint8Array {
  return packet(SUBSCRIBE, [uint16(id), text(topic), Uint8Array.of(qos)]);
}

export function pubackPacket(id: number): Uint8Array {
  return packet(PUBACK, [uint16(id)]);
}

/** All of a publish up to its payload of `payload` bytes. `id` counts for QoS 1 only. */
export function publishHead(topic: string, qos: number, id: number, payload: number): Uint8Array {
  const head = qos === 0 ? [text(topic)] : [text(topic), uint16(id)];
  const length = head.reduce((sum, part) => sum + part.length, payload);
  return Buffer.concat([Uint8Array.of(PUBLISH | (qos << 1)), remainingLength(length), ...head]);
}

/** Where the body of the packet at `at` begins; Infinity while that is not known. Throws if its length is none. [MQTT 2.2.3] */
export function bodyOf(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i <= at + LENGTH_BYTES; i++) {
    if (i >= bytes.length) return Infinity;
    if (bytes[i]! < 128) return i + 1;
  }
  throw new Error("a packet announces a length of more than four bytes");
}

/** Where the packet with this body ends; beyond the bytes while it is not complete. */
export function endOf(bytes: Uint8Array, at: number, body: number): number {
  if (body === Infinity) return Infinity;
  let length = 0;
  for (let i = body - 1; i > at; i--) length = length * 128 + (bytes[i]! & 127);
  return body + length;
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value >> 8) & 0xff;
  bytes[at + 1] = value & 0xff;
}

function packet(first: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of(first), remainingLength(length), ...parts]);
}

/** [MQTT 2.2.3] Seven bits a byte, the lowest first. */
function remainingLength(length: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = length; ; left >>= 7) {
    if (left < 128) return Uint8Array.from([...bytes, left]);
    bytes.push((left & 127) | 128);
  }
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}
