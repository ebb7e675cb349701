import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodePacket, MqttFault, type MqttPacket } from "../../src/mqtt.ts";
import { ENDS, conversations } from "./arbitraries.ts";
import { decoder, type Reading } from "./support.ts";

/** Runs the decoder on bad input: it may refuse it, and do nothing else. What it takes can be written again. */
function survives(bytes: Uint8Array, reading: Reading): void {
  const reader = decoder({ max: 100_000, ...reading });
  const got: MqttPacket[] = [];
  try {
    reader.read(bytes, (packet) => got.push(packet));
    expect(reader.held).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(MqttFault);
    expect(reader.held).toBe(0);
  }
  for (const packet of got) expect(encodePacket(packet, reader.version!).length).toBeGreaterThan(1);
}

/** Some bytes replaced, cut out or put in. */
const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)), fc.nat(2)), {
  minLength: 1,
  maxLength: 5,
});

function mutated(bytes: Uint8Array, list: readonly (readonly [number, number, number])[]): Uint8Array {
  const out = [...bytes];
  for (const [at, byte, what] of list) {
    const i = out.length === 0 ? 0 : at % out.length;
    if (what === 0) out[i] = byte;
    else if (what === 1) out.splice(i, 1 + (byte % 4));
    else out.splice(i, 0, byte);
  }
  return Uint8Array.from(out);
}

for (const { version, role } of ENDS) {
  test(`MW9 changed packets are refused or read by a ${role}: level ${version}`, () => {
    fc.assert(
      fc.property(conversations(version, role), edits, (list, changes) => {
        const stream = Uint8Array.from(list.flatMap((packet) => [...encodePacket(packet, version)]));
        survives(mutated(stream, changes), role === "server" ? { role } : { role, version });
      }),
      { numRuns: 1500 },
    );
  });

  test(`MW9 random bytes are refused or read by a ${role}: level ${version}`, () => {
    // A first byte and a length that are right let more of it get to the fields.
    const framed = fc
      .tuple(fc.constantFrom(0x10, 0x20, 0x30, 0x32, 0x40, 0x62, 0x82, 0x90, 0xa2, 0xb0, 0xe0, 0xf0), fc.uint8Array())
      .map(([first, body]) => Uint8Array.from([first, body.length % 128, ...body]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), framed), (bytes) => survives(bytes, { role, version })),
      { numRuns: 2000 },
    );
  });
}

test("MW9 the time grows with the length alone", () => {
  const started = process.cpuUsage();
  const size = 2_000_000;
  const reading: Reading = { version: 5, max: 3 * size };
  // Many small properties, many filters, many empty packets; and one packet that comes byte by byte.
  const pairs = Uint8Array.from({ length: size }, (_, i) => (i % 5 === 0 ? 0x26 : 0));
  survives(concat(Uint8Array.of(0x30, ...varint4(size + 7), 0, 1, 97, ...varint4(size)), pairs), reading);
  survives(concat(Uint8Array.of(0x82, ...varint4(size + 3), 0, 1, 0), filters(size)), reading);
  survives(
    Uint8Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 0xc0 : 0)),
    reading,
  );
  const reader = decoder({ version: 4, max: size });
  reader.read(Uint8Array.of(0x30, ...varint4(size / 2)), () => undefined);
  for (let i = 1; i < size / 2; i++) reader.read(Uint8Array.of(0), () => undefined);
  // Together some 1 s of CPU; what grows with the square takes minutes.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(6);
});

function varint4(value: number): readonly number[] {
  return [(value & 127) | 128, ((value >> 7) & 127) | 128, ((value >> 14) & 127) | 128, value >> 21];
}

function filters(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => [0, 1, 97, 0][i % 4]!);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
