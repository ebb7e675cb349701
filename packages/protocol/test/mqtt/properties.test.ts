import { expect, test } from "bun:test";
import type { MqttVersion } from "../../src/mqtt.ts";
import { block, connect, decode, decodeOne, expectRefused, faultOf, packet, text, type Reading } from "./support.ts";

/** Table 2-4 of MQTT 5, typed in from the standard: identifier, a value, and where it may stand. */
const TABLE: readonly (readonly [number, readonly number[], string])[] = [
  [0x01, [1], "publish will"],
  [0x02, [0, 0, 0, 9], "publish will"],
  [0x03, text("text/plain"), "publish will"],
  [0x08, text("answer/1"), "publish will"],
  [0x09, text("data"), "publish will"],
  [0x0b, [0x80, 0x01], "publish subscribe"],
  [0x11, [0, 0, 0, 9], "connect connack disconnect"],
  [0x12, text("id"), "connack"],
  [0x13, [0, 9], "connack"],
  [0x15, text("method"), "connect connack auth"],
  [0x16, text("data"), "connect connack auth"],
  [0x17, [1], "connect"],
  [0x18, [0, 0, 0, 9], "will"],
  [0x19, [1], "connect"],
  [0x1a, text("info"), "connack"],
  [0x1c, text("other:1883"), "connack disconnect"],
  [0x1f, text("why"), "connack puback pubrec pubrel pubcomp suback unsuback disconnect auth"],
  [0x21, [0, 9], "connect connack"],
  [0x22, [0, 9], "connect connack"],
  [0x23, [0, 9], "publish"],
  [0x24, [1], "connack"],
  [0x25, [0], "connack"],
  [
    0x26,
    [...text("k"), ...text("v")],
    "connect connack publish will puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback disconnect auth",
  ],
  [0x27, [0, 0, 0, 9], "connect connack"],
  [0x28, [0], "connack"],
  [0x29, [0], "connack"],
  [0x2a, [0], "connack"],
];

type Build = (properties: readonly number[]) => Uint8Array;
const method = [0x15, ...text("method")];

const SERVER: Reading = { version: 5 };
const CLIENT: Reading = { version: 5, role: "client" };

/** A packet of each place, with these properties in it. */
const PLACES: Readonly<Record<string, readonly [Build, Reading]>> = {
  connect: [(p) => connect(5, 2, block(p[0] === 0x16 ? [...method, ...p] : p), text("c")), {}],
  will: [(p) => connect(5, 6, block(), text("c"), block(p), text("w"), text("")), {}],
  connack: [(p) => packet(0x20, 0, 0, block(p)), CLIENT],
  publish: [(p) => packet(0x30, text("a"), block(p)), CLIENT],
  puback: [(p) => packet(0x40, 0, 1, 0, block(p)), SERVER],
  pubrec: [(p) => packet(0x50, 0, 1, 0, block(p)), SERVER],
  pubrel: [(p) => packet(0x62, 0, 1, 0, block(p)), SERVER],
  pubcomp: [(p) => packet(0x70, 0, 1, 0, block(p)), SERVER],
  subscribe: [(p) => packet(0x82, 0, 1, block(p), text("a"), 0), SERVER],
  suback: [(p) => packet(0x90, 0, 1, block(p), 0), CLIENT],
  unsubscribe: [(p) => packet(0xa2, 0, 1, block(p), text("a")), SERVER],
  unsuback: [(p) => packet(0xb0, 0, 1, block(p), 0), CLIENT],
  disconnect: [(p) => packet(0xe0, 0, block(p)), SERVER],
  auth: [(p) => packet(0xf0, 0x18, block(p[0] === 0x15 ? p : [...method, ...p])), SERVER],
};

test("MW36 every property is read where table 2-4 has it, and refused elsewhere", () => {
  for (const [id, value, places] of TABLE) {
    for (const [place, [build, reading]] of Object.entries(PLACES)) {
      const code = faultOf(build([id, ...value]), reading)?.code;
      const expected = places.split(" ").includes(place) ? undefined : 0x81;
      expect({ id, place, code }).toEqual({ id, place, code: expected });
    }
  }
});

test("MW36 unknown properties are refused everywhere", () => {
  const known = new Set(TABLE.map(([id]) => id));
  for (const [build, reading] of Object.values(PLACES)) {
    for (let id = 0; id < 128; id++) {
      if (!known.has(id)) expect(faultOf(build([id, 0]), reading)?.code).toBe(0x81);
    }
    // 256 + 0x26, which the lowest byte alone would make a user property.
    expect(faultOf(build([0xa6, 0x02, ...text("k"), ...text("v")]), reading)?.code).toBe(0x81);
  }
});

test("MW37 only user properties, and subscription identifiers of PUBLISH, may be there again", () => {
  for (const [id, value, places] of TABLE) {
    for (const place of places.split(" ")) {
      const [build, reading] = PLACES[place]!;
      const twice = faultOf(build([id, ...value, id, ...value]), reading)?.code;
      const many = id === 0x26 || (id === 0x0b && place === "publish");
      expect({ id, place, twice }).toEqual({ id, place, twice: many ? undefined : 0x82 });
    }
  }
  // An empty or false one counts as well.
  const empty = packet(0x30, text("a"), block(0x03, text(""), 0x03, text("")));
  expectRefused({ what: "empty", bytes: empty, code: 0x82, says: "contentType: it is there twice", reading: SERVER });
  const off = connect(5, 2, block(0x17, 0, 0x17, 0), text("c"));
  expectRefused({ what: "false", bytes: off, code: 0x82, says: "twice", reading: {} });
});

test("MW38 values that a property does not have are refused", () => {
  for (const [id, place] of [
    [0x01, "publish"],
    [0x01, "will"],
    [0x17, "connect"],
    [0x19, "connect"],
    [0x24, "connack"],
    [0x25, "connack"],
    [0x28, "connack"],
    [0x29, "connack"],
    [0x2a, "connack"],
  ] as const) {
    const [build, reading] = PLACES[place]!;
    for (const value of [2, 255]) {
      expectRefused({ what: `${id}`, bytes: build([id, value]), code: 0x82, says: "0 and 1 are allowed", reading });
    }
    for (const value of [0, 1]) expect(decode(build([id, value]), reading)).toHaveLength(1);
  }
  const zeros = [
    [[0x21, 0, 0], "connect"],
    [[0x27, 0, 0, 0, 0], "connack"],
    [[0x0b, 0], "subscribe"],
    [[0x0b, 0], "publish"],
  ] as const;
  for (const [property, place] of zeros) {
    const [build, reading] = PLACES[place]!;
    expectRefused({ what: place, bytes: build(property), code: 0x82, says: "it is 0", reading });
  }
  for (const property of [
    [0x22, 0, 0],
    [0x11, 0, 0, 0, 0],
  ]) {
    expect(decode(PLACES["connect"]![0](property))).toHaveLength(1);
  }
  expect(decodeOne(PLACES["connect"]![0]([0x11, 255, 255, 255, 255]))).toMatchObject({
    properties: { sessionExpiryInterval: 0xffff_ffff },
  });
});

test("MW39 a response topic is a topic name", () => {
  for (const topic of ["", "a/#", "+/b"]) {
    for (const place of ["publish", "will"]) {
      const [build, reading] = PLACES[place]!;
      const bytes = build([0x08, ...text(topic)]);
      expectRefused({ what: topic, bytes, code: 0x90, says: "responseTopic", reading });
    }
  }
});

test("MW40 properties keep to their length, and numbers to their shortest form", () => {
  const reading = SERVER;
  const refused = { code: 0x81, reading };
  const long = packet(0x30, text("a"), 9, 0x23, 0, 1);
  expectRefused({ what: "past the packet", bytes: long, says: "longer than the packet", ...refused });
  const within = packet(0x30, text("a"), 2, 0x23, 0, 1);
  expectRefused({ what: "within a value", bytes: within, says: "ends before", ...refused });
  const id = packet(0x30, text("a"), block(0xa3, 0x00, 0, 1));
  expectRefused({ what: "identifier", bytes: id, says: "longer than it must be", ...refused });
  const padded = packet(0x30, text("a"), 0x83, 0x00, 0x23, 0, 1);
  expectRefused({ what: "length", bytes: padded, says: "longer than it must be", ...refused });
  const number = packet(0x82, 0, 1, block(0x0b, 0x81, 0x80, 0x00), text("a"), 0);
  expectRefused({ what: "number", bytes: number, says: "longer than it must be", ...refused });
  const five = packet(0x82, 0, 1, block(0x0b, 0xff, 0xff, 0xff, 0xff, 1), text("a"), 0);
  expectRefused({ what: "five bytes", bytes: five, says: "more than 4 bytes", ...refused });
});

test("MW36 in 3.1.1 nothing is read as properties", () => {
  const version: MqttVersion = 4;
  const payload = [3, 0x23, 0, 1];
  expect(decodeOne(packet(0x30, text("a"), payload), { version })).toMatchObject({
    payload: Uint8Array.from(payload),
    properties: undefined,
  });
});
