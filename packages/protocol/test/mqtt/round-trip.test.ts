import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodePacket, packetSize, type MqttPacket } from "../../src/mqtt.ts";
import { ENDS, connects, conversations, packets } from "./arbitraries.ts";
import { decode, decodeOne, decoder } from "./support.ts";

const RUNS = { numRuns: 800 };

for (const { version, role } of ENDS) {
  test(`MW41 MW44 every packet to a ${role} reads as it was written, in its exact size: level ${version}`, () => {
    fc.assert(
      fc.property(packets(version, role), (packet) => {
        const bytes = encodePacket(packet, version);
        expect(bytes.length).toBe(packetSize(packet, version));
        expect(bytes.buffer.byteLength).toBe(bytes.length);
        expect(decodeOne(bytes, { role, version })).toEqual(packet);
      }),
      RUNS,
    );
  });

  test(`MW1 the chunks do not matter to a ${role}: level ${version}`, () => {
    fc.assert(
      fc.property(conversations(version, role), fc.array(fc.nat(60), { minLength: 1 }), (list, cuts) => {
        const stream = joined(list.map((packet) => encodePacket(packet, version)));
        const reader = decoder(role === "server" ? { role } : { role, version });
        const got: MqttPacket[] = [];
        for (const chunk of chunks(stream, cuts)) reader.read(chunk, (packet) => got.push(packet));
        expect(got).toEqual([...list]);
        expect(reader.held).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
}

for (const version of [4, 5] as const) {
  test(`MW41 MW44 a CONNECT reads as it was written: level ${version}`, () => {
    fc.assert(
      fc.property(connects[version], (packet) => {
        const bytes = encodePacket(packet, version);
        expect(bytes.length).toBe(packetSize(packet, version));
        expect(decodeOne(bytes)).toEqual(packet);
      }),
      RUNS,
    );
  });
}

test("MW1 each packet comes as soon as its last byte is there", () => {
  const pings = [
    { type: "pingreq" },
    { type: "publish", topic: "a", payload: new Uint8Array(200), qos: 0, retain: false, dup: false },
  ] as const;
  const list = pings.map((one) => ({ packetId: undefined, properties: undefined, ...one }) as MqttPacket);
  const reader = decoder({ version: 4 });
  for (const packet of [...list, ...list]) {
    const bytes = encodePacket(packet, 4);
    let got = 0;
    for (const [i, byte] of bytes.entries()) {
      reader.read(Uint8Array.of(byte), () => got++);
      expect(got).toBe(i === bytes.length - 1 ? 1 : 0);
    }
  }
});

test("MW41 a payload of 3 MB reads as it was written", () => {
  const payload = new Uint8Array(3_000_000).fill(7);
  const packet = { type: "publish", topic: "a", payload, qos: 0, retain: false, dup: false } as const;
  const bytes = encodePacket({ ...packet, packetId: undefined, properties: undefined }, 4);
  expect([...bytes.subarray(0, 5)]).toEqual([0x30, 0xc3, 0x8d, 0xb7, 0x01]);
  const [read] = decode(bytes, { version: 4 });
  expect(read?.type === "publish" && read.payload.length).toBe(3_000_000);
});

function joined(list: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(list.flatMap((bytes) => [...bytes]));
}

/** Pieces of these lengths, again and again; a 0 is an empty chunk. */
function chunks(stream: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = cuts[i % cuts.length]! + (i % cuts.length === 0 ? 1 : 0);
    out.push(stream.slice(at, at + size));
    at += size;
  }
  return out;
}
