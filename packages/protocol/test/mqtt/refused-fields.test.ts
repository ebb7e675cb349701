import { expect, test } from "bun:test";
import { decode, decodeOne, block, connect, expectRefused, faultOf, hex, packet, text, uint16 } from "./support.ts";

/** Each packet's own rules. */

const OLD = { version: 4 } as const;
const NEW = { version: 5 } as const;
const CLIENT = { version: 5, role: "client" } as const;
const OLD_CLIENT = { version: 4, role: "client" } as const;
const HELLO = {} as const;

test("MW15 an unknown protocol is refused so that its client can be answered", () => {
  const hello = (name: string, level: number): Uint8Array => packet(0x10, text(name), level, 2, 0, 60, text("a"));
  const versions = [
    ["MQIsdp", 3, 4],
    ["MQTT", 3, 4],
    ["MQTT", 0, 4],
    ["MQTT", 6, 5],
    ["MQTT", 0x84, 4],
    ["MQTT", 0x85, 5],
    ["MQIsdp", 4, 4],
  ] as const;
  for (const [name, level, version] of versions) {
    expect(faultOf(hello(name, level))).toMatchObject({ code: 0x84, version });
  }
  for (const name of ["", "mqtt", "MQTTT", "HTTP"]) {
    expect(faultOf(hello(name, 4))).toMatchObject({ code: 0x84, version: undefined });
  }
});

test("MW16 flags of CONNECT that contradict themselves are refused", () => {
  for (const level of [4, 5]) {
    const rest =
      level === 4 ? [...text("a"), ...text("w"), ...text("")] : [0, ...text("a"), 0, ...text("w"), ...text("")];
    for (const flags of [0x03, 0x0a, 0x12, 0x1a, 0x22, 0x1e, 0x3e]) {
      const bytes = connect(level, flags, rest);
      expectRefused({ what: flags.toString(16), bytes, code: 0x81, says: "connect flags", reading: HELLO });
    }
    for (const flags of [0x06, 0x0e, 0x16, 0x36]) expect(decode(connect(level, flags, rest))).toHaveLength(1);
  }
});

test("MW17 a password without a user name is refused in 3.1.1 alone", () => {
  const bytes = connect(4, 0x42, text("a"), text("pw"));
  expectRefused({ what: "3.1.1", bytes, code: 0x81, says: "without a user name", reading: HELLO });
  expect(decodeOne(connect(5, 0x42, block(), text("a"), text("pw")))).toMatchObject({
    username: undefined,
    password: hex("7077"),
  });
});

test("MW18 an empty client identifier needs a clean session in 3.1.1 alone", () => {
  expectRefused({ what: "3.1.1", bytes: connect(4, 0, text("")), code: 0x85, says: "clean session", reading: HELLO });
  expect(decodeOne(connect(4, 2, text("")))).toMatchObject({ clientId: "", cleanStart: true });
  expect(decodeOne(connect(5, 0, block(), text("")))).toMatchObject({ clientId: "", cleanStart: false });
});

test("MW19 a will's topic is a topic name", () => {
  for (const topic of ["", "a/#", "+", "a+b"]) {
    const bytes = connect(5, 6, block(), text("c"), block(), text(topic), text("bye"));
    expectRefused({ what: topic, bytes, code: 0x90, says: "will topic", reading: HELLO });
    const old = connect(4, 6, text("c"), text(topic), text("bye"));
    expectRefused({ what: topic, bytes: old, code: 0x90, says: "will topic", reading: HELLO });
  }
});

test("MW20 authentication data needs a method", () => {
  const bytes = connect(5, 2, block(0x16, text("d")), text("c"));
  expectRefused({ what: "CONNECT", bytes, code: 0x82, says: "authenticationMethod", reading: HELLO });
});

test("MW21 QoS 3, and DUP at QoS 0, are refused", () => {
  for (const reading of [OLD, NEW, CLIENT, OLD_CLIENT]) {
    for (const first of [0x36, 0x37, 0x3e, 0x3f]) {
      const bytes = packet(first, text("a"), 0, 1, 0);
      expectRefused({ what: first.toString(16), bytes, code: 0x81, says: "QoS is 3", reading });
    }
    for (const first of [0x38, 0x39]) {
      expectRefused({ what: first.toString(16), bytes: packet(first, text("a"), 0), code: 0x81, says: "DUP", reading });
    }
  }
});

test("MW22 a topic to publish to has no wildcard and, in 3.1.1, is not empty", () => {
  for (const topic of ["#", "+", "a/#", "a/+/b", "a#", "a+b"]) {
    expectRefused({ what: topic, bytes: packet(0x30, text(topic)), code: 0x90, says: "no wildcards", reading: OLD });
    expectRefused({ what: topic, bytes: packet(0x30, text(topic), 0), code: 0x90, says: "no wildcards", reading: NEW });
  }
  expectRefused({ what: "empty", bytes: packet(0x30, text("")), code: 0x90, says: "empty", reading: OLD });
  // The second one would be the same as the last topic, if that had been kept.
  const twice = Uint8Array.from([...packet(0x30, text("a")), ...packet(0x30, text(""))]);
  expectRefused({ what: "empty after another", bytes: twice, code: 0x90, says: "empty", reading: OLD });
  for (const topic of ["/", "a//b", " ", "$SYS/x", "$share/a/b"])
    expect(decode(packet(0x30, text(topic)), OLD)).toHaveLength(1);
});

test("MW22 the topic of a packet is its own, whatever came before", () => {
  const topics = ["a/b", "a/b", "a/c", "é", "é", "a/b", "b".repeat(200), "b".repeat(200), "a/bb", "a/", ""];
  const stream = Uint8Array.from(topics.flatMap((topic) => [...packet(0x30, text(topic), block(0x23, 0, 1))]));
  expect(decode(stream, NEW).map((one) => (one.type === "publish" ? one.topic : ""))).toEqual(topics);
});

test("MW23 an empty topic needs an alias, and the alias is not 0", () => {
  expectRefused({
    what: "none",
    bytes: packet(0x30, text(""), block()),
    code: 0x82,
    says: "topic alias",
    reading: NEW,
  });
  const other = packet(0x30, text(""), block(0x01, 1));
  expectRefused({ what: "another property", bytes: other, code: 0x82, says: "topic alias", reading: NEW });
  expect(decodeOne(packet(0x30, text(""), block(0x23, 0, 7)), NEW)).toMatchObject({
    topic: "",
    properties: { topicAlias: 7 },
  });
  const zero = packet(0x30, text("a"), block(0x23, 0, 0));
  expectRefused({ what: "0", bytes: zero, code: 0x94, says: "topicAlias", reading: NEW });
});

test("MW24 only a server sends subscription identifiers in PUBLISH", () => {
  const bytes = packet(0x30, text("a"), block(0x0b, 5, 0x0b, 0x80, 1));
  expectRefused({ what: "client", bytes, code: 0x82, says: "subscriptionIdentifiers", reading: NEW });
  expect(decodeOne(bytes, CLIENT)).toMatchObject({ properties: { subscriptionIdentifiers: [5, 128] } });
});

test("MW25 no packet identifier is 0", () => {
  const bodies = {
    server: [
      packet(0x32, text("a"), 0, 0, 0),
      packet(0x40, 0, 0),
      packet(0x62, 0, 0),
      packet(0x82, 0, 0, 0, text("a"), 0),
    ],
    client: [packet(0x34, text("a"), 0, 0, 0), packet(0x50, 0, 0), packet(0x70, 0, 0), packet(0x90, 0, 0, 0, 0)],
  };
  for (const role of ["server", "client"] as const) {
    for (const bytes of bodies[role]) {
      for (const version of [4, 5] as const) {
        expectRefused({
          what: bytes.toHex(),
          bytes,
          code: 0x82,
          says: "packet identifier",
          reading: { role, version },
        });
      }
    }
  }
  expect(faultOf(packet(0xa2, 0, 0, text("a")), OLD)?.code).toBe(0x82);
  expect(faultOf(packet(0xb0, 0, 0), OLD_CLIENT)?.code).toBe(0x82);
});

test("MW26 without a filter there is nothing to subscribe to", () => {
  for (const first of [0x82, 0xa2]) {
    expectRefused({ what: "3.1.1", bytes: packet(first, 0, 1), code: 0x82, says: "no topic filter", reading: OLD });
    expectRefused({
      what: "5.0",
      bytes: packet(first, 0, 1, block()),
      code: 0x82,
      says: "no topic filter",
      reading: NEW,
    });
  }
});

test("MW27 in a filter wildcards are whole levels, and # is the last one", () => {
  const bad = ["", "a#", "#/a", "a/#/b", "a/b#", "+a", "a+", "a/b+/c", "++", "##", "/a/#/", "a/+#"];
  const good = ["#", "+", "/", "a/#", "+/+", "/+", "+/a/#", "a//b", "$SYS/#", "$share", "$shared/a"];
  for (const version of [4, 5] as const) {
    const head = version === 4 ? [0, 1] : [0, 1, 0];
    for (const filter of bad) {
      const refused = { what: filter, code: 0x8f, says: "topic filter", reading: { version } };
      expectRefused({ bytes: packet(0x82, head, text(filter), 0), ...refused });
      expectRefused({ bytes: packet(0xa2, head, text(filter)), ...refused });
    }
    for (const filter of good) expect(decode(packet(0x82, head, text(filter), 0), { version })).toHaveLength(1);
  }
});

test("MW28 a shared subscription has a name and a filter", () => {
  const bad = [
    "$share/",
    "$share/a",
    "$share//a",
    "$share/a/",
    "$share/+/a",
    "$share/#/a",
    "$share/a+/b",
    "$share/a/b#",
  ];
  for (const filter of bad) {
    const bytes = packet(0x82, 0, 1, 0, text(filter), 0);
    expectRefused({ what: filter, bytes, code: 0x8f, says: "topic filter", reading: NEW });
  }
  expect(decode(packet(0x82, 0, 1, 0, text("$share/a/b/#"), 0), NEW)).toHaveLength(1);
  expect(decode(packet(0x82, 0, 1, text("$share/a"), 0), OLD)).toHaveLength(1);
});

test("MW29 no local is not for shared subscriptions", () => {
  const bytes = packet(0x82, 0, 1, 0, text("$share/a/b"), 4);
  expectRefused({ what: "no local", bytes, code: 0x82, says: "no local", reading: NEW });
  expect(decode(packet(0x82, 0, 1, 0, text("$shared/a/b"), 4), NEW)).toHaveLength(1);
});

test("MW30 options of a subscription are those of the version", () => {
  const refusedAs = (version: 4 | 5, options: number): number | undefined =>
    faultOf(packet(0x82, 0, 1, version === 4 ? [] : 0, text("a"), options), { version })?.code;
  for (let options = 0; options < 256; options++) {
    const qos3 = (options & 3) === 3;
    expect([options, refusedAs(4, options)]).toEqual([options, options > 2 ? 0x81 : undefined]);
    const code = options > 63 ? 0x81 : qos3 || options > 47 ? 0x82 : undefined;
    expect([options, refusedAs(5, options)]).toEqual([options, code]);
  }
});

test("MW33 CONNACK has no reserved flag, and no session where it refuses", () => {
  expectRefused({ what: "flag", bytes: packet(0x20, 2, 0, 0), code: 0x81, says: "reserved", reading: CLIENT });
  expectRefused({ what: "flag", bytes: packet(0x20, 0x80, 0), code: 0x81, says: "reserved", reading: OLD_CLIENT });
  expectRefused({ what: "session", bytes: packet(0x20, 1, 0x87, 0), code: 0x82, says: "session", reading: CLIENT });
  expectRefused({ what: "session", bytes: packet(0x20, 1, 5), code: 0x82, says: "session", reading: OLD_CLIENT });
});

test("MW34 AUTH comes from the side that may send it, with a method", () => {
  const method = block(0x15, text("m"));
  expectRefused({ what: "bare", bytes: hex("f0 00"), code: 0x82, says: "may not send", reading: NEW });
  expectRefused({ what: "Success", bytes: packet(0xf0, 0, method), code: 0x82, says: "may not send", reading: NEW });
  expectRefused({
    what: "again",
    bytes: packet(0xf0, 0x19, method),
    code: 0x82,
    says: "may not send",
    reading: CLIENT,
  });
  expectRefused({ what: "no method", bytes: packet(0xf0, 0x18, 0), code: 0x82, says: "it is missing", reading: NEW });
  const data = packet(0xf0, 0x18, block(0x16, text("d")));
  expectRefused({ what: "data alone", bytes: data, code: 0x82, says: "it is missing", reading: NEW });
  expect(decode(packet(0xf0, 0x19, method), NEW)).toHaveLength(1);
  expect(decode(packet(0xf0, 0, method), CLIENT)).toHaveLength(1);
});

test("MW35 a server's DISCONNECT has no session expiry and no will", () => {
  const expiry = packet(0xe0, 0, block(0x11, 0, 0, ...uint16(60)));
  expectRefused({ what: "expiry", bytes: expiry, code: 0x82, says: "sessionExpiryInterval", reading: CLIENT });
  expectRefused({ what: "will", bytes: packet(0xe0, 4), code: 0x82, says: "reason code", reading: CLIENT });
  expect(decode(Uint8Array.from([...expiry, ...packet(0xe0, 4)]), NEW)).toHaveLength(2);
});
