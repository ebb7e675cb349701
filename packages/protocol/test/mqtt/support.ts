import { expect } from "bun:test";
import { MqttDecoder, MqttFault, type MqttPacket, type MqttVersion } from "../../src/mqtt.ts";

export type Role = "server" | "client";

export interface Reading {
  readonly role?: Role;
  /** Undefined: a server before CONNECT. */
  readonly version?: MqttVersion;
  readonly max?: number;
}

/** As large as MQTT allows. */
const NO_LIMIT = 268_435_460;

export function decoder({ role = "server", version, max = NO_LIMIT }: Reading = {}): MqttDecoder {
  const options = { role, maxPacketSize: max };
  return new MqttDecoder(version === undefined ? options : { ...options, version });
}

export function decode(bytes: Uint8Array, reading?: Reading): readonly MqttPacket[] {
  const packets: MqttPacket[] = [];
  decoder(reading).read(bytes, (packet) => packets.push(packet));
  return packets;
}

export function decodeOne(bytes: Uint8Array, reading?: Reading): MqttPacket {
  const packets = decode(bytes, reading);
  expect(packets).toHaveLength(1);
  return packets[0]!;
}

/** The fault that the bytes end with; what else is thrown is thrown on. */
export function faultOf(bytes: Uint8Array, reading?: Reading): MqttFault | undefined {
  try {
    decode(bytes, reading);
    return undefined;
  } catch (error) {
    if (error instanceof MqttFault) return error;
    throw error;
  }
}

export interface Refusal {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly code: number;
  /** Part of the message. */
  readonly says: string;
  readonly reading: Reading;
}

export function expectRefused({ what, bytes, code, says, reading }: Refusal): void {
  const fault = faultOf(bytes, reading);
  expect({ what, code: fault?.code, message: fault?.message }).toEqual({
    what,
    code,
    message: expect.stringContaining(says) as unknown as string,
  });
}

/** "10 0c 00 04" and the like, spaces where you want. */
export function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

type Part = number | readonly number[];

/** A packet of parts, its remaining length counted (below 128 KB). */
export function packet(first: number, ...parts: readonly Part[]): Uint8Array {
  const body = parts.flat();
  return Uint8Array.from([first, ...varint(body.length), ...body]);
}

export function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

export function uint16(value: number): readonly number[] {
  return [value >> 8, value & 255];
}

/** With its length. */
export function text(value: string): readonly number[] {
  const bytes = new TextEncoder().encode(value);
  return [...uint16(bytes.length), ...bytes];
}

/** Properties with their length. */
export function block(...parts: readonly Part[]): readonly number[] {
  const body = parts.flat();
  return [...varint(body.length), ...body];
}

/** CONNECT, level 4 or 5, with these flags; `rest` is what follows the keep-alive. */
export function connect(version: number, flags: number, ...rest: readonly Part[]): Uint8Array {
  return packet(0x10, text("MQTT"), version, flags, uint16(60), ...rest);
}
