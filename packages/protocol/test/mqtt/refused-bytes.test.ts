import { expect, test } from "bun:test";
import { MqttDecoder, type MqttPacket } from "../../src/mqtt.ts";
import { block, connect, decode, decoder, expectRefused, faultOf, hex, packet, text, varint } from "./support.ts";

/** Fixed header, sizes, texts: what is refused before a packet's own rules. */

const OLD = { version: 4 } as const;
const NEW = { version: 5 } as const;
const CLIENT = { version: 5, role: "client" } as const;
const HELLO = connect(4, 2, text("a"));

test("MW2 between chunks only the beginning of a packet is held, as much as came of it", () => {
  const reader = decoder({ version: 4, max: 10_000_000 });
  const none = (): void => undefined;
  reader.read(packet(0xc0), none);
  expect(reader.held).toBe(0);
  reader.read(Uint8Array.of(0xc0, 0, 0x30), none);
  expect(reader.held).toBe(1);
  reader.read(Uint8Array.of(...varint(9_000_000), 0, 1, 97), none);
  for (let came = 8; came < 100_000; came += 1000) {
    reader.read(new Uint8Array(1000), none);
    expect(reader.held).toBeGreaterThanOrEqual(came + 1000);
    expect(reader.held).toBeLessThanOrEqual(2 * (came + 1000));
  }
  reader.read(new Uint8Array(8_898_000 - 8), none);
  expect(reader.held).toBeLessThanOrEqual(9_000_005);
});

test("MW2 a packet that is complete leaves nothing behind", () => {
  const reader = decoder({ version: 4 });
  let got = 0;
  const large = packet(
    0x30,
    text("a"),
    Array.from({ length: 70_000 }, () => 1),
  );
  reader.read(large.slice(0, 30_000), () => got++);
  expect(reader.held).toBe(30_000);
  reader.read(large.slice(30_000), () => got++);
  expect([got, reader.held]).toEqual([1, 0]);
});

test("MW3 a packet over the limit is refused as soon as its length is known", () => {
  const reading = { version: 4, max: 100 } as const;
  expect(
    decode(
      packet(
        0x30,
        text("a"),
        Array.from({ length: 95 }, () => 1),
      ),
      reading,
    ),
  ).toHaveLength(1);
  const refused = { code: 0x95, says: "at most 100", reading };
  expectRefused({
    what: "98 + 3 bytes",
    bytes: packet(
      0x30,
      text("a"),
      Array.from({ length: 96 }, () => 1),
    ),
    ...refused,
  });
  expectRefused({ what: "only its header", bytes: hex("30 63"), ...refused });
  expectRefused({ what: "the largest", bytes: hex("30 ffffff7f"), ...refused });
  expectRefused({ what: "a CONNECT", bytes: hex("10 ff01"), ...refused, reading: { max: 100 } });
});

test("MW4 CONNECT is the first packet and no other one", () => {
  const refused = { code: 0x82, reading: {} };
  for (const first of ["30", "c0", "82", "e0", "20"]) {
    expectRefused({ what: first, bytes: hex(first), says: "must be CONNECT", ...refused });
  }
  expectRefused({ what: "two", bytes: Uint8Array.from([...HELLO, 0x10]), says: "there before", ...refused });
  expect(faultOf(hex("e0"))?.version).toBeUndefined();
});

test("MW5 a packet that the other side may not send is refused at its first byte", () => {
  for (const first of ["20", "90", "b0", "d0"]) {
    for (const reading of [OLD, NEW]) {
      expectRefused({ what: first, bytes: hex(first), code: 0x82, says: "only a server", reading });
    }
  }
  for (const first of ["10", "82", "a2", "c0"]) {
    expectRefused({ what: first, bytes: hex(first), code: 0x82, says: "only a client", reading: CLIENT });
  }
  const old = { version: 4, role: "client" } as const;
  expectRefused({ what: "DISCONNECT", bytes: hex("e0"), code: 0x82, says: "only a client", reading: old });
  for (const reading of [OLD, old]) {
    expectRefused({ what: "AUTH", bytes: hex("f0"), code: 0x81, says: "MQTT 3.1.1 has no AUTH", reading });
  }
  for (const reading of [{}, OLD, CLIENT]) {
    expectRefused({ what: "type 0", bytes: hex("00"), code: 0x81, says: "reserved", reading });
  }
});

test("MW6 flags that are not those of the type are refused", () => {
  const server = [0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0];
  for (const first of server) {
    for (let flags = 0; flags < 16; flags++) {
      const byte = (first & 0xf0) | flags;
      if (byte === first) continue;
      for (const reading of [OLD, NEW]) {
        expectRefused({ what: byte.toString(16), bytes: Uint8Array.of(byte), code: 0x81, says: "flags", reading });
      }
    }
  }
  for (const byte of [0x11, 0x12, 0x18]) {
    expectRefused({ what: "CONNECT", bytes: Uint8Array.of(byte), code: 0x81, says: "flags", reading: {} });
  }
  for (const byte of [0x21, 0x92, 0xb2, 0xd8, 0xf1]) {
    expectRefused({ what: byte.toString(16), bytes: Uint8Array.of(byte), code: 0x81, says: "flags", reading: CLIENT });
  }
});

test("MW7 a remaining length has at most four bytes, in 5.0 in their shortest form", () => {
  const long = { what: "five bytes", bytes: hex("30 ffffffff"), code: 0x81, says: "more than 4 bytes" };
  expectRefused({ ...long, reading: OLD });
  expectRefused({ ...long, reading: NEW });
  for (const padded of ["c0 80 00", "c0 80 80 00", "c0 80 80 80 00"]) {
    expect(decode(hex(padded), OLD)).toEqual([{ type: "pingreq" }]);
    expectRefused({ what: padded, bytes: hex(padded), code: 0x81, says: "longer than it must be", reading: NEW });
  }
  const hello = (level: number): Uint8Array => {
    const [first, length, ...rest] = level === 4 ? HELLO : connect(5, 2, block(), text("a"));
    return Uint8Array.from([first!, length! | 128, 0, ...rest]);
  };
  expect(decode(hello(4))).toHaveLength(1);
  expectRefused({ what: "CONNECT", bytes: hello(5), code: 0x81, says: "longer than it must be", reading: {} });
});

test("MW8 a packet that ends within a field, or goes on after the last one, is refused", () => {
  const whole = [
    [connect(4, 0xc6, text("id"), text("w"), text("p"), text("u"), text("pw")), {}],
    [
      connect(
        5,
        0xc6,
        block(0x21, 0, 9),
        text("id"),
        block(0x18, 0, 0, 0, 9),
        text("w"),
        text("p"),
        text("u"),
        text("pw"),
      ),
      {},
    ],
    [packet(0x40, 0, 1), OLD],
    [packet(0x62, 0, 1, 0x92, block(0x1f, text("why"))), NEW],
    [packet(0xa2, 0, 1, block(), text("a/b")), NEW],
    [packet(0x20, 0, 0, block(0x12, text("id"))), CLIENT],
    [packet(0xf0, 0x18, block(0x15, text("m"))), NEW],
  ] as const;
  for (const [bytes, reading] of whole) {
    expect(decode(bytes, reading)).toHaveLength(1);
    for (let length = 2; length < bytes.length; length++) {
      const cut = Uint8Array.from([bytes[0]!, length - 2, ...bytes.subarray(2, length)]);
      // What may be left out of an acknowledgement may be cut off.
      if (bytes[0] === 0x62 && [4, 5].includes(length)) continue;
      if (bytes[0] === 0xf0 && length === 3) continue;
      // An AUTH without a body is a Success, which only a server sends.
      const code = bytes[0] === 0xf0 && length === 2 ? 0x82 : bytes[0] === 0xa2 && length === 5 ? 0x82 : 0x81;
      // What comes after the packet in the same chunk is not its own.
      for (const after of [[], Array.from({ length: 70 }, () => 0x61)]) {
        const found = faultOf(Uint8Array.from([...cut, ...after]), reading)?.code;
        expect({ bytes: cut.toHex(), found }).toEqual({ bytes: cut.toHex(), found: code });
      }
    }
    const more = Uint8Array.from([bytes[0]!, bytes[1]! + 1, ...bytes.subarray(2), 0]);
    expectRefused({ what: "one more", bytes: more, code: 0x81, says: "", reading });
  }
  expectRefused({ what: "PINGREQ", bytes: hex("c0 01 00"), code: 0x81, says: "1 more bytes", reading: OLD });
  expectRefused({ what: "DISCONNECT", bytes: hex("e0 01 00"), code: 0x81, says: "1 more bytes", reading: OLD });
});

test("MW10 the packets before a fault are handed over, and after it every call throws it again", () => {
  const reader = decoder({ version: 4 });
  const got: MqttPacket[] = [];
  const take = (one: MqttPacket): unknown => got.push(one);
  const bad = (): void => reader.read(hex("c000 c000 c001 ff c000"), take);
  expect(bad).toThrow("PINGREQ: 1 more bytes");
  expect(got).toHaveLength(2);
  expect(() => reader.read(hex("c000"), take)).toThrow("PINGREQ: 1 more bytes");
  expect(got).toHaveLength(2);
});

test("MW11 a payload holds at most twice its size, and no other field holds the chunk", () => {
  const small = packet(0x30, text("a"), [1, 2, 3]);
  const large = packet(
    0x30,
    text("a"),
    Array.from({ length: 2000 }, () => 7),
  );
  const both = Uint8Array.from([...small, ...large]);
  const payloads = decode(both, OLD).map((one) => (one.type === "publish" ? one.payload : undefined));
  expect(payloads[0]?.buffer.byteLength).toBe(3);
  expect(payloads[1]?.buffer).toBe(both.buffer);
  const [hello] = decode(
    connect(5, 0x46, block(0x15, text("m"), 0x16, text("d")), text(""), block(), text("w"), text("p"), text("pw")),
  );
  if (hello?.type !== "connect") throw new Error("no CONNECT");
  const { will, password, properties } = hello;
  for (const bytes of [will?.payload, password, properties?.authenticationData]) {
    expect(bytes?.buffer.byteLength).toBe(bytes!.length);
  }
});

test("MW12 a fault says packet, field, what is allowed, and in which version to answer", () => {
  const fault = faultOf(packet(0x32, text("a/b"), 0, 0, block()), NEW);
  expect(fault).toMatchObject({
    name: "MqttFault",
    code: 0x82,
    version: 5,
    message: "PUBLISH: packet identifier: it is 0; 1 to 65535 are allowed",
  });
  expect(faultOf(connect(4, 3, text("a")))).toMatchObject({
    version: 4,
    message: "CONNECT: connect flags: the reserved bit is set",
  });
  expect(faultOf(Uint8Array.from([...connect(5, 2, block(), text("a")), 0x10]))?.version).toBe(5);
  expect(() => new MqttDecoder({ role: "client", maxPacketSize: 1 })).toThrow("version");
});

test("MW13 text is well-formed UTF-8 without U+0000", () => {
  const bad = {
    "a lone continuation": "80",
    "cut off": "c3",
    "overlong /": "c0af",
    "overlong U+0000": "c080",
    "overlong in three bytes": "e080af",
    "U+D800": "eda080",
    "U+DFFF": "edbfbf",
    "a pair of surrogates (CESU-8)": "eda0bdedb880",
    "past U+10FFFF": "f4908080",
    "five bytes": "f888808080",
    "U+0000": "00",
    "U+0000 within": "610062",
    "U+0000 after é": "c3a900",
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const field = [0, bytes.length / 2, ...hex(bytes)];
    const places = [
      [connect(4, 2, field), {}],
      [connect(4, 0x82, text("a"), field), {}],
      [packet(0x30, field), OLD],
      [packet(0x82, 0, 1, field, 0), OLD],
      [packet(0x30, text("a"), block(0x26, text("k"), field)), NEW],
      [packet(0x30, text("a"), block(0x03, field)), NEW],
    ] as const;
    const says = what.startsWith("U+0000") ? "U+0000" : "not valid UTF-8";
    for (const [whole, reading] of places) expectRefused({ what, bytes: whole, code: 0x81, says, reading });
  }
});

test("MW13 MW14 all other text is read: controls, U+FFFF, planes, a byte order mark", () => {
  for (const value of ["\u0001\u001f\u007f\u009f", "\uffff\ufdd0", "é/日本/😀", "\ufeffa", "a\ufeff"]) {
    const [read] = decode(packet(0x30, text(value)), OLD);
    expect(read?.type === "publish" && read.topic).toBe(value);
  }
});
