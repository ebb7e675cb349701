import { expect, test } from "bun:test";
import { encodePacket, type MqttPacket } from "../../src/mqtt.ts";
import { decodeOne, hex, type Reading } from "./support.ts";

/** Packets written by hand after the figures of the standards, both ways. */

interface Example {
  readonly name: string;
  readonly bytes: string;
  readonly packet: MqttPacket;
  readonly reading: Reading & { readonly version: 4 | 5 };
}

const none = undefined;
const OLD_SERVER = { version: 4, role: "server" } as const;
const OLD_CLIENT = { version: 4, role: "client" } as const;
const SERVER = { version: 5, role: "server" } as const;
const CLIENT = { version: 5, role: "client" } as const;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const EXAMPLES: readonly Example[] = [
  {
    name: "PUBLISH of 3.1.1, figure 3.11: topic a/b, identifier 10",
    bytes: "32 07 0003 612f62 000a",
    packet: {
      type: "publish",
      topic: "a/b",
      payload: hex(""),
      qos: 1,
      retain: false,
      dup: false,
      packetId: 10,
      properties: none,
    },
    reading: OLD_SERVER,
  },
  {
    name: "PUBLISH of 5.0 with properties",
    bytes: "3d 1f 0003 612f62 000a 12 01 01 02 0000003c 23 0005 26 0001 6b 0002 7631 6869 2121 21",
    packet: {
      type: "publish",
      topic: "a/b",
      payload: bytesOf("hi!!!"),
      qos: 2,
      retain: true,
      dup: true,
      packetId: 10,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 60,
        topicAlias: 5,
        userProperties: [["k", "v1"]],
      },
    },
    reading: SERVER,
  },
  {
    name: "SUBSCRIBE of 3.1.1, figure 3.23: a/b at QoS 1, c/d at QoS 2",
    bytes: "82 0e 000a 0003 612f62 01 0003 632f64 02",
    packet: {
      type: "subscribe",
      packetId: 10,
      subscriptions: [
        { filter: "a/b", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 },
        { filter: "c/d", qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
      properties: none,
    },
    reading: OLD_SERVER,
  },
  {
    name: "SUBSCRIBE of 5.0 with identifier 268435455 and all options",
    bytes: "82 0e 000a 05 0b ffffff7f 0003 612f62 2d",
    packet: {
      type: "subscribe",
      packetId: 10,
      subscriptions: [{ filter: "a/b", qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 }],
      properties: { subscriptionIdentifiers: [268_435_455] },
    },
    reading: SERVER,
  },
  {
    name: "SUBACK of 3.1.1, figure 3.26",
    bytes: "90 05 000a 00 02 80",
    packet: { type: "suback", packetId: 10, codes: [0, 2, 0x80], properties: none },
    reading: OLD_CLIENT,
  },
  {
    name: "SUBACK of 5.0",
    bytes: "90 09 000a 04 1f 0001 78 01 9e",
    packet: { type: "suback", packetId: 10, codes: [1, 0x9e], properties: { reasonString: "x" } },
    reading: CLIENT,
  },
  {
    name: "UNSUBSCRIBE of 3.1.1, figure 3.30",
    bytes: "a2 0c 000a 0003 612f62 0003 632f64",
    packet: { type: "unsubscribe", packetId: 10, filters: ["a/b", "c/d"], properties: none },
    reading: OLD_SERVER,
  },
  {
    name: "UNSUBSCRIBE of 5.0",
    bytes: "a2 08 000a 00 0003 612f62",
    packet: { type: "unsubscribe", packetId: 10, filters: ["a/b"], properties: none },
    reading: SERVER,
  },
  {
    name: "UNSUBACK of 3.1.1, figure 3.31",
    bytes: "b0 02 000a",
    packet: { type: "unsuback", packetId: 10, codes: [], properties: none },
    reading: OLD_CLIENT,
  },
  {
    name: "UNSUBACK of 5.0",
    bytes: "b0 05 000a 00 00 11",
    packet: { type: "unsuback", packetId: 10, codes: [0, 0x11], properties: none },
    reading: CLIENT,
  },
  {
    name: "CONNACK of 3.1.1, figure 3.8: a session, accepted",
    bytes: "20 02 01 00",
    packet: { type: "connack", sessionPresent: true, code: 0, properties: none },
    reading: OLD_CLIENT,
  },
  {
    name: "CONNACK of 5.0 with properties",
    bytes: "20 12 00 00 0f 12 0002 6964 13 001e 21 0014 24 01 2a 00",
    packet: {
      type: "connack",
      sessionPresent: false,
      code: 0,
      properties: {
        assignedClientIdentifier: "id",
        serverKeepAlive: 30,
        receiveMaximum: 20,
        maximumQoS: 1,
        sharedSubscriptionAvailable: false,
      },
    },
    reading: CLIENT,
  },
  { name: "PINGREQ", bytes: "c0 00", packet: { type: "pingreq" }, reading: OLD_SERVER },
  { name: "PINGRESP", bytes: "d0 00", packet: { type: "pingresp" }, reading: CLIENT },
  {
    name: "DISCONNECT of 3.1.1",
    bytes: "e0 00",
    packet: { type: "disconnect", code: 0, properties: none },
    reading: OLD_SERVER,
  },
  {
    name: "DISCONNECT of 5.0 with the will and an expiry",
    bytes: "e0 07 04 05 11 00000078",
    packet: { type: "disconnect", code: 4, properties: { sessionExpiryInterval: 120 } },
    reading: SERVER,
  },
  {
    name: "AUTH that goes on",
    bytes: "f0 0e 18 0c 15 0004 6d657468 16 0002 0102",
    packet: { type: "auth", code: 0x18, properties: { authenticationMethod: "meth", authenticationData: hex("0102") } },
    reading: SERVER,
  },
];

for (const { name, bytes, packet, reading } of EXAMPLES) {
  test(`MW41 by hand: ${name}`, () => {
    expect(decodeOne(hex(bytes), reading)).toEqual(packet);
    expect(encodePacket(packet, reading.version).toHex()).toBe(bytes.replaceAll(" ", ""));
  });
}

test("MW41 by hand: CONNECT of 3.1.1 with all it can have", () => {
  const bytes = "10 21 0004 4d515454 04 ee 003c 0001 63 0003 612f62 0003 627965 0004 75736572 0002 7077";
  const packet: MqttPacket = {
    type: "connect",
    version: 4,
    clientId: "c",
    cleanStart: true,
    keepAlive: 60,
    will: { topic: "a/b", payload: bytesOf("bye"), qos: 1, retain: true, properties: none },
    username: "user",
    password: bytesOf("pw"),
    properties: none,
  };
  expect(decodeOne(hex(bytes))).toEqual(packet);
  expect(encodePacket(packet, 4).toHex()).toBe(bytes.replaceAll(" ", ""));
});

test("MW41 by hand: CONNECT of 5.0, figure 3-6, with a will that has properties", () => {
  const bytes = "10 25 0004 4d515454 05 ce 000a 05 11 0000000a 0000 05 18 00000005 0003 612f62 0000 0001 75 0001 70";
  const packet: MqttPacket = {
    type: "connect",
    version: 5,
    clientId: "",
    cleanStart: true,
    keepAlive: 10,
    will: { topic: "a/b", payload: hex(""), qos: 1, retain: false, properties: { willDelayInterval: 5 } },
    username: "u",
    password: bytesOf("p"),
    properties: { sessionExpiryInterval: 10 },
  };
  expect(decodeOne(hex(bytes))).toEqual(packet);
  expect(encodePacket(packet, 5).toHex()).toBe(bytes.replaceAll(" ", ""));
});

test("MW31 code and properties may be left out, the code and then the properties", () => {
  for (const [type, first] of [
    ["puback", "40"],
    ["pubrec", "50"],
    ["pubrel", "62"],
    ["pubcomp", "70"],
  ] as const) {
    const packet = { type, packetId: 10, code: 0, properties: none };
    for (const tail of ["02 000a", "03 000a 00", "04 000a 00 00"]) {
      expect(decodeOne(hex(`${first} ${tail}`), SERVER)).toEqual(packet);
    }
    const refused = type === "pubrel" || type === "pubcomp" ? "92" : "87";
    expect(decodeOne(hex(`${first} 03 000a ${refused}`), CLIENT)).toEqual({ ...packet, code: Number(`0x${refused}`) });
    expect(encodePacket({ ...packet, code: Number(`0x${refused}`) }, 5).toHex()).toBe(`${first}03000a${refused}`);
    expect(decodeOne(hex(`${first} 02 000a`), OLD_SERVER)).toEqual(packet);
  }
  for (const tail of ["e0 00", "e0 01 00", "e0 02 00 00"]) {
    expect(decodeOne(hex(tail), CLIENT)).toEqual({ type: "disconnect", code: 0, properties: none });
  }
  expect(decodeOne(hex("f0 00"), CLIENT)).toEqual({ type: "auth", code: 0, properties: none });
  expect(encodePacket({ type: "auth", code: 0, properties: none }, 5).toHex()).toBe("f000");
  expect(encodePacket({ type: "disconnect", code: 0x8e, properties: none }, 5).toHex()).toBe("e0018e");
  expect(encodePacket({ type: "auth", code: 0x18, properties: none }, 5).toHex()).toBe("f0021800");
});
