import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  encodeAck,
  encodePacket,
  encodePublish,
  encodeWithin,
  mqttTextFault,
  packetSize,
  publishSize,
  withPacketId,
  type MqttPacket,
  type MqttVersion,
} from "../../src/mqtt.ts";
import { packets, publish } from "./arbitraries.ts";
import { decodeOne } from "./support.ts";

const none = undefined;
const none0 = new Uint8Array(0);

test("MW43 3.1.1 leaves out what it does not have", () => {
  const properties = { reasonString: "no", userProperties: [["a", "b"]] } as const;
  const hex = (packet: MqttPacket): string => encodePacket(packet, 4).toHex();
  expect(hex({ type: "puback", packetId: 5, code: 0x87, properties })).toBe("40020005");
  expect(hex({ type: "suback", packetId: 5, codes: [1, 0x8f, 0x9e, 0], properties })).toBe("9006000501808000");
  expect(hex({ type: "unsuback", packetId: 5, codes: [0, 0x11], properties })).toBe("b0020005");
  expect(hex({ type: "disconnect", code: 0x8e, properties })).toBe("e000");
  expect(hex({ type: "connack", sessionPresent: true, code: 0, properties })).toBe("20020100");
  const publish = { type: "publish", topic: "a", payload: none0, qos: 0, retain: false, dup: false } as const;
  expect(hex({ ...publish, packetId: none, properties: { topicAlias: 1 } })).toBe("3003000161");
  const options = { noLocal: true, retainAsPublished: true, retainHandling: 2 } as const;
  const subscriptions = [{ filter: "a", qos: 1, ...options }] as const;
  expect(hex({ type: "subscribe", packetId: 5, subscriptions, properties: none })).toBe("8206000500016101");
  expect(() => hex({ type: "auth", code: 0, properties: none })).toThrow("no AUTH");
  expect(() => hex({ type: "connack", sessionPresent: false, code: 0x87, properties: none })).toThrow("returnCodeOf");
});

test("MW45 under a limit an answer loses its reason, then its user properties", () => {
  const properties = {
    reasonString: "r".repeat(50),
    userProperties: [["k".repeat(20), "v"]],
    serverKeepAlive: 9,
  } as const;
  const packet: MqttPacket = { type: "connack", sessionPresent: true, code: 0, properties };
  const sizes = {
    whole: packetSize(packet, 5),
    noReason: packetSize({ ...packet, properties: { ...properties, reasonString: none } }, 5),
    bare: packetSize({ ...packet, properties: { serverKeepAlive: 9 } }, 5),
  };
  const at = (max: number): string[] | undefined => {
    const bytes = encodeWithin(packet, 5, max);
    if (bytes === undefined) return undefined;
    expect(bytes.length).toBeLessThanOrEqual(max);
    const read = decodeOne(bytes, { version: 5, role: "client" });
    return read.type === "connack" ? Object.keys(read.properties ?? {}) : [];
  };
  expect(at(sizes.whole)).toEqual(["reasonString", "userProperties", "serverKeepAlive"]);
  expect(at(sizes.whole - 1)).toEqual(["userProperties", "serverKeepAlive"]);
  expect(at(sizes.noReason)).toEqual(["userProperties", "serverKeepAlive"]);
  expect(at(sizes.noReason - 1)).toEqual(["serverKeepAlive"]);
  expect(at(sizes.bare)).toEqual(["serverKeepAlive"]);
  expect(at(sizes.bare - 1)).toBeUndefined();
});

test("MW45 every answer loses only what explains it, and what is no answer loses nothing", () => {
  const answers = ["connack", "puback", "pubrec", "pubrel", "pubcomp", "suback", "unsuback", "disconnect", "auth"];
  fc.assert(
    fc.property(fc.oneof(packets(5, "client"), packets(5, "server")), fc.nat(120), (packet, max) => {
      const bytes = encodeWithin(packet, 5, max);
      if (bytes !== undefined) expect(bytes.length).toBeLessThanOrEqual(max);
      const fits = packetSize(packet, 5) <= max;
      if (fits) expect(bytes).toEqual(encodePacket(packet, 5));
      if (!answers.includes(packet.type)) return expect(bytes === undefined).toBe(!fits);
      const found = "properties" in packet ? packet.properties : none;
      const bare = { ...packet, properties: { ...found, reasonString: none, userProperties: none } } as MqttPacket;
      expect(bytes === undefined).toBe(packetSize(bare, 5) > max);
    }),
    { numRuns: 600 },
  );
});

test("MW46 a PUBLISH for many differs in packet identifier and DUP only", () => {
  const ids = fc.integer({ min: 1, max: 0xffff });
  const versions = fc.constantFrom<MqttVersion>(4, 5);
  fc.assert(
    fc.property(publish(5, "client"), versions, ids, fc.boolean(), (packet, version, id, dup) => {
      const frame = encodePublish(packet, version);
      const own = { ...packet, packetId: packet.qos === 0 ? none : id, dup: packet.qos > 0 && dup };
      expect(withPacketId(frame, id, dup)).toEqual(encodePacket(own, version));
      expect(frame.bytes.length).toBe(publishSize(packet, version));
      expect(frame.idAt > 0).toBe(packet.qos > 0);
      if (packet.qos === 0) expect(frame.bytes).toEqual(encodePacket(own, version));
    }),
    { numRuns: 500 },
  );
});

test("MW46 copies for several receivers do not touch the first bytes", () => {
  const frame = encodePublish({ topic: "a", payload: none0, qos: 1, retain: true, properties: none }, 5);
  const before = frame.bytes.toHex();
  expect(before).toBe("330600016100 0000".replace(" ", ""));
  expect(withPacketId(frame, 0x1234, false).toHex()).toBe("3306000161123400");
  expect(withPacketId(frame, 0x1235, true).toHex()).toBe("3b06000161123500");
  expect(frame.bytes.toHex()).toBe(before);
});

test("MW47 an acknowledgement of success is the same four bytes in both versions", () => {
  for (const type of ["puback", "pubrec", "pubrel", "pubcomp"] as const) {
    const packet = { type, packetId: 0xabcd, code: 0, properties: none };
    for (const version of [4, 5] as const) {
      expect(encodeAck(type, 0xabcd)).toEqual(encodePacket(packet, version));
      expect(encodeAck(type, 0xabcd)).toEqual(encodePacket({ ...packet, properties: {} }, version));
    }
  }
});

test("MW48 what no packet can carry is refused by the writer", () => {
  const publish = { type: "publish", topic: "a", payload: none0, retain: false, dup: false } as const;
  const of = (topic: string): MqttPacket => ({ ...publish, topic, qos: 0, packetId: none, properties: none });
  expect(() => encodePacket(of("a\0"), 4)).toThrow("U+0000");
  expect(() => encodePacket(of("é\0"), 4)).toThrow("U+0000");
  expect(() => encodePacket(of("a\ud800b"), 4)).toThrow("Unicode");
  expect(() => encodePacket(of("a".repeat(65_536)), 4)).toThrow("65536 bytes");
  expect(() => encodePacket(of("é".repeat(32_768)), 4)).toThrow("65536 bytes");
  expect(encodePacket(of("é".repeat(32_767)), 4)).toHaveLength(65_540);
  for (const packetId of [none, 0, -1, 1.5, 65_536]) {
    const packet: MqttPacket = { ...publish, qos: 1, packetId, properties: none };
    expect(() => encodePacket(packet, 4)).toThrow("packet identifier");
  }
  expect(() => encodePacket({ type: "puback", packetId: 0, code: 0, properties: none }, 5)).toThrow(
    "packet identifier",
  );
  const alien = { type: "puback", packetId: 1, code: 0, properties: { topicAlias: 1 } } as const;
  expect(() => encodePacket(alien, 5)).toThrow("puback has no property topicAlias");
  expect(() => encodePacket({ type: "unsubscribe", packetId: 1, filters: [], properties: none }, 5)).toThrow(
    "at least one",
  );
  const auth = { type: "auth", code: 0x18, properties: { authenticationData: new Uint8Array(65_536) } } as const;
  expect(() => encodePacket(auth, 5)).toThrow("65536 bytes");
  const connect = { type: "connect", version: 5, clientId: "a", cleanStart: true, keepAlive: 0 } as const;
  const bare = { will: none, username: none, password: none, properties: none };
  expect(() => encodePacket({ ...connect, ...bare }, 4)).toThrow("version 5");
  expect(() => encodePacket({ ...connect, ...bare, version: 4, password: none0 }, 4)).toThrow("user name");
});

test("MW48 mqttTextFault says beforehand what the writer would refuse", () => {
  expect(mqttTextFault("é/日本/😀\ufeff\u0001")).toBeUndefined();
  expect(mqttTextFault("a\0")).toContain("U+0000");
  expect(mqttTextFault("\udc00")).toContain("Unicode");
  expect(mqttTextFault("😀".repeat(16_384))).toContain("65536 bytes");
  expect(mqttTextFault("😀".repeat(16_383))).toBeUndefined();
});

test("MW44 a packet larger than MQTT allows is refused by the writer", () => {
  // The payload is never touched: its length alone is too much.
  const payload = { length: 268_435_456 } as Uint8Array;
  const publish = { topic: "a", payload, qos: 0, retain: false, properties: none } as const;
  expect(() => encodePublish(publish, 4)).toThrow("at most 268435455");
});
