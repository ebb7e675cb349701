import { expect, test } from "bun:test";
import fc from "fast-check";
import { generate, parser, type Packet } from "mqtt-packet";
import { encodePacket, type MqttPacket, type MqttProperties, type MqttVersion } from "../../src/mqtt.ts";
import { ENDS, connects, packets } from "./arbitraries.ts";
import { toPeer } from "./peer-form.ts";
import { block, connect, decode, decodeOne, faultOf, hex, packet, text, type Reading } from "./support.ts";

/** Against mqtt-packet, the codec of MQTT.js and aedes. */

const RUNS = { numRuns: 800 };

/** What it reads; throws what it refuses. */
function peerReads(bytes: Uint8Array, version: MqttVersion): readonly Packet[] {
  const got: Packet[] = [];
  const errors: unknown[] = [];
  const reader = parser({ protocolVersion: version });
  reader.on("packet", (one) => got.push(one));
  reader.on("error", (error) => errors.push(error));
  reader.parse(Buffer.from(bytes));
  if (errors.length > 0) throw errors[0];
  return got;
}

/**
 * What mqtt-packet cannot do, though the standard has it: the empty client identifier without a clean start and the password
 * without a user name of 5.0, AUTH without a body, DISCONNECT with 0x8C (which table 2-6 has and table 3-10 has not); and of a
 * user property that comes again it loses values that are empty.
 */
function canPeer(one: MqttPacket): boolean {
  if (one.type === "disconnect") return one.code !== 0x8c;
  if (one.type === "auth") return one.properties !== undefined;
  if (one.type !== "connect") return true;
  return (one.clientId !== "" || one.cleanStart) && (one.password === undefined || one.username !== undefined);
}

function peerable(one: MqttPacket): MqttPacket {
  if (one.type === "connect" && one.will !== undefined) {
    const will = { ...one.will, properties: fullPairs(one.will.properties) };
    return { ...one, properties: fullPairs(one.properties), will };
  }
  return "properties" in one ? ({ ...one, properties: fullPairs(one.properties) } as MqttPacket) : one;
}

/** In the order in which an object has them: mqtt-packet knows no other. */
function fullPairs(properties: MqttProperties | undefined): MqttProperties | undefined {
  if (properties?.userProperties === undefined) return properties;
  const pairs = properties.userProperties.map(([name, value]) => [name, value === "" ? "-" : value] as const);
  const names = [...new Set(pairs.map(([name]) => name))].toSorted((a, b) => Number(isIndex(b)) - Number(isIndex(a)));
  return { ...properties, userProperties: names.flatMap((name) => pairs.filter(([other]) => other === name)) };
}

/** Such names an object puts first, by size: there is at most one of a single digit here. */
function isIndex(name: string): boolean {
  return String(Number(name) >>> 0) === name;
}

/** Two such names would be sorted, and this one is no name of an object. */
function isOrdinary(properties: MqttProperties | undefined): boolean {
  const names = new Set(properties?.userProperties?.map(([name]) => name));
  return !names.has("__proto__") && [...names].filter(isIndex).length < 2;
}

function both(one: MqttPacket): boolean {
  const will = one.type === "connect" ? one.will?.properties : undefined;
  return canPeer(one) && isOrdinary(will) && (!("properties" in one) || isOrdinary(one.properties));
}

function compare(one: MqttPacket, version: MqttVersion, reading: Reading): void {
  fc.pre(both(one));
  const ours = peerable(one);
  const [read, ...more] = peerReads(encodePacket(ours, version), version);
  expect(more).toEqual([]);
  expect(read as unknown).toMatchObject(toPeer(ours, version) as unknown as Record<string, unknown>);
  expect(decodeOne(generate(toPeer(ours, version), { protocolVersion: version }), reading)).toEqual(ours);
}

for (const { version, role } of ENDS) {
  test(`MW42 mqtt-packet reads and writes the packets to a ${role} alike: level ${version}`, () => {
    fc.assert(
      fc.property(packets(version, role), (one) => compare(one, version, { version, role })),
      RUNS,
    );
  });
}

for (const version of [4, 5] as const) {
  test(`MW42 mqtt-packet reads and writes CONNECT alike: level ${version}`, () => {
    fc.assert(
      fc.property(connects[version], (one) => compare(one, version, {})),
      RUNS,
    );
  });
}

/** Against the standard, mqtt-packet 9.0.2 takes all of these. */
const LAXER: readonly (readonly [string, Uint8Array, Reading, number])[] = [
  ["DUP at QoS 0", hex("38 03 0001 61"), { version: 4 }, 0x81],
  ["a topic with a wildcard", hex("30 03 0001 23"), { version: 4 }, 0x90],
  ["an empty topic in 3.1.1", hex("30 02 0000"), { version: 4 }, 0x90],
  ["an empty topic without an alias", hex("30 03 0000 00"), { version: 5 }, 0x82],
  ["topic alias 0", packet(0x30, text("a"), block(0x23, 0, 0)), { version: 5 }, 0x94],
  ["packet identifier 0", hex("32 05 0001 61 0000"), { version: 4 }, 0x82],
  ["U+0000", hex("30 04 0002 6100"), { version: 4 }, 0x81],
  ["bytes that are no UTF-8", hex("30 03 0001 ff"), { version: 4 }, 0x81],
  ["a remaining length in more bytes than it takes", hex("c0 80 00"), { version: 5 }, 0x81],
  ["bytes after the last field", hex("40 03 0001 00"), { version: 4 }, 0x81],
  ["PINGREQ with a body", hex("c0 01 00"), { version: 4 }, 0x81],
  ["a filter with # in the middle", packet(0x82, 0, 1, text("#/a"), 0), { version: 4 }, 0x8f],
  ["a shared subscription without a name", packet(0x82, 0, 1, 0, text("$share//a"), 0), { version: 5 }, 0x8f],
  ["no local in a shared subscription", packet(0x82, 0, 1, 0, text("$share/g/a"), 4), { version: 5 }, 0x82],
  ["SUBSCRIBE without a filter", packet(0x82, 0, 1), { version: 4 }, 0x82],
  ["a property of another packet", packet(0x40, 0, 1, 0, block(0x23, 0, 1)), { version: 5 }, 0x81],
  ["a property twice", packet(0x30, text("a"), block(0x23, 0, 1, 0x23, 0, 2)), { version: 5 }, 0x82],
  ["a flag of 2", connect(5, 2, block(0x17, 2), text("a")), {}, 0x82],
  ["receive maximum 0", connect(5, 2, block(0x21, 0, 0), text("a")), {}, 0x82],
  ["a will's QoS of 3", connect(4, 0x1e, text("a"), text("w"), text("")), {}, 0x81],
  ["a password without a user name in 3.1.1", connect(4, 0x42, text("a"), text("p")), {}, 0x81],
  ["no client identifier and no clean session in 3.1.1", connect(4, 0, text("")), {}, 0x85],
  ["MQIsdp, which is MQTT 3.1", packet(0x10, text("MQIsdp"), 3, 2, 0, 60, text("a")), {}, 0x84],
];

test("MW42 mqtt-packet is laxer than the standard where this codec is not", () => {
  for (const [what, bytes, reading, code] of LAXER) {
    expect([what, faultOf(bytes, reading)?.code]).toEqual([what, code]);
    expect([what, peerReads(bytes, reading.version ?? 4).length]).toEqual([what, 1]);
  }
});

test("MW42 what is read here after a change of bytes, mqtt-packet reads alike", () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 });
  let alike = 0;
  fc.assert(
    fc.property(packets(5, "server"), edits, (one, changes) => {
      const bytes = encodePacket(peerable(one), 5);
      // Type and length stay: mqtt-packet does not keep packets apart when a length is wrong.
      for (const [at, byte] of changes) if (bytes.length > 5) bytes[5 + (at % (bytes.length - 5))] = byte;
      if (faultOf(bytes, { version: 5 }) !== undefined) return;
      const [ours] = decode(bytes, { version: 5 });
      if (ours === undefined || !both(ours) || JSON.stringify(ours) !== JSON.stringify(peerable(ours))) return;
      alike++;
      expect(peerReads(bytes, 5)[0] as unknown).toMatchObject(toPeer(ours, 5) as unknown as Record<string, unknown>);
    }),
    { numRuns: 2000 },
  );
  expect(alike).toBeGreaterThan(200);
});
