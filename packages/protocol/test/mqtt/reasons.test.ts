import { expect, test } from "bun:test";
import { parseShared, REASONS, reasonName, returnCodeOf, type MqttPacketType } from "../../src/mqtt.ts";
import { block, faultOf, packet, text } from "./support.ts";

const TYPES = ["connack", "puback", "pubrec", "pubrel", "pubcomp", "suback", "unsuback", "disconnect", "auth"] as const;

/** The tables of sections 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1 and 3.15.2.1, typed in. */
const CODES: Readonly<Record<(typeof TYPES)[number], string>> = {
  connack: "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f",
  puback: "00 10 80 83 87 90 91 97 99",
  pubrec: "00 10 80 83 87 90 91 97 99",
  pubrel: "00 92",
  pubcomp: "00 92",
  suback: "00 01 02 80 83 87 8f 91 97 9e a1 a2",
  unsuback: "00 11 80 83 87 8f 91",
  // 8c stands in table 2-6 alone.
  disconnect: "00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2",
  auth: "00 18 19",
};

test("MW50 each packet has exactly the codes of its section, each with a name", () => {
  for (const type of TYPES) {
    const found = Array.from({ length: 256 }, (_, code) => code).filter((code) => reasonName(code, type) !== undefined);
    expect([type, found.map((code) => code.toString(16).padStart(2, "0")).join(" ")]).toEqual([type, CODES[type]]);
  }
  for (const type of ["connect", "publish", "subscribe", "unsubscribe", "pingreq", "pingresp"] as const) {
    expect(REASONS.some(({ packets }) => packets.includes(type))).toBe(false);
  }
});

test("MW50 a code's name depends on its packet where the standard's does", () => {
  const zero: readonly (readonly [MqttPacketType, string])[] = [
    ["puback", "Success"],
    ["suback", "Granted QoS 0"],
    ["disconnect", "Normal disconnection"],
  ];
  for (const [type, name] of zero) expect(reasonName(0, type)).toBe(name);
  expect(reasonName(0x93, "disconnect")).toBe("Receive Maximum exceeded");
  expect(reasonName(0x93, "connack")).toBeUndefined();
});

test("MW32 a reason code that its packet may not carry is refused", () => {
  const packets = {
    connack: (code: number) => packet(0x20, 0, code, 0),
    puback: (code: number) => packet(0x40, 0, 1, code),
    pubrec: (code: number) => packet(0x50, 0, 1, code),
    pubrel: (code: number) => packet(0x62, 0, 1, code),
    pubcomp: (code: number) => packet(0x70, 0, 1, code),
    suback: (code: number) => packet(0x90, 0, 1, 0, 0, code),
    unsuback: (code: number) => packet(0xb0, 0, 1, 0, code),
    disconnect: (code: number) => packet(0xe0, code),
    auth: (code: number) => packet(0xf0, code, block(0x15, text("m"))),
  };
  for (const type of TYPES) {
    const role = ["connack", "suback", "unsuback"].includes(type) ? "client" : "server";
    for (let code = 0; code < 256; code++) {
      // An AUTH with Success is one that a client may not send: another rule.
      if (type === "auth" && code === 0) continue;
      const may = CODES[type].includes(code.toString(16).padStart(2, "0"));
      const found = faultOf(packets[type](code), { version: 5, role })?.code;
      expect([type, code, found]).toEqual([type, code, may ? undefined : 0x82]);
    }
  }
});

test("MW32 a return code that 3.1.1 does not have is refused", () => {
  const reading = { version: 4, role: "client" } as const;
  for (let code = 0; code < 256; code++) {
    expect([code, faultOf(packet(0x20, 0, code), reading)?.code]).toEqual([code, code > 5 ? 0x82 : undefined]);
    const granted = [0, 1, 2, 0x80].includes(code);
    expect([code, faultOf(packet(0x90, 0, 1, code), reading)?.code]).toEqual([code, granted ? undefined : 0x82]);
  }
  expect(faultOf(packet(0x90, 0, 1), reading)?.code).toBe(0x82);
  expect(faultOf(packet(0xb0, 0, 1, 0), { version: 5, role: "client" })?.code).toBe(0x82);
});

test("MW51 a CONNACK reason has the nearest return code of 3.1.1, or none", () => {
  const codes = { 0x00: 0, 0x84: 1, 0x85: 2, 0x88: 3, 0x89: 3, 0x9f: 3, 0x86: 4, 0x87: 5, 0x8a: 5 };
  for (const [reason, code] of Object.entries(codes)) expect(returnCodeOf(Number(reason))).toBe(code);
  for (const reason of [0x81, 0x82, 0x90, 0x95, 0x9a, 0x9b, 0x10]) expect(returnCodeOf(reason)).toBeUndefined();
  for (let reason = 0; reason < 256; reason++) {
    expect([0, 1, 2, 3, 4, 5, undefined]).toContain(returnCodeOf(reason));
  }
});

test("MW49 parseShared takes shared subscriptions apart and nothing else", () => {
  expect(parseShared("$share/g/a/+/#")).toEqual({ group: "g", filter: "a/+/#" });
  expect(parseShared("$share/$x//")).toEqual({ group: "$x", filter: "/" });
  for (const other of [
    "",
    "a",
    "$share",
    "$share/",
    "$share/g",
    "$share/g/",
    "$share//a",
    "$share/+/a",
    "$share/g#/a",
    "$share/g/a#",
    "share/g/a",
    "$SHARE/g/a",
  ]) {
    expect(parseShared(other)).toBeUndefined();
  }
});
