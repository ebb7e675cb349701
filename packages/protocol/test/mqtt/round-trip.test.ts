import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodePacket, packetSize, type MqttPacket } from "../../src/mqtt.ts";
import { ENDS, connects, conversations, packets } from "./arbitraries.ts";
import { decodeOne, decoder } from "./support.ts";

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

test("MW41 MW44 the length takes one byte more at 128, 16,384 and 2,097,152", () => {
  const lengths = { 127: 1, 128: 2, 16_383: 2, 16_384: 3, 2_097_151: 3, 2_097_152: 4 };
  for (const [body, bytes] of Object.entries(lengths)) {
    // The topic takes three bytes of the body.
    const payload = new Uint8Array(Number(body) - 3).fill(7);
    const packet = { type: "publish", topic: "a", payload, qos: 0, retain: false, dup: false } as const;
    const written = encodePacket({ ...packet, packetId: undefined, properties: undefined }, 4);
    expect(written.length).toBe(1 + bytes + Number(body));
    const read = decodeOne(written, { version: 4 });
    expect(read.type === "publish" && Buffer.compare(read.payload, payload)).toBe(0);
  }
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
