import { expect, test } from "bun:test";
import fc from "fast-check";
import { InvalidInput } from "../src/error.ts";
import { jsonCodec } from "../src/json/codec.ts";
import { rawMember } from "../src/json/span.ts";
import type { Payload } from "../src/payload.ts";
import { protoCodec } from "../src/proto/codec.ts";
import { commands, pushes, replies } from "./arbitraries.ts";

const RUNS = { numRuns: 3000 };

/** Runs a decoder on bad input: it may refuse it, and do nothing else. What it takes must be of use. */
function survives(decode: () => readonly object[]): void {
  let list: readonly object[];
  try {
    list = decode();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput);
    return;
  }
  for (const item of list) if ("payload" in item) usable(item.payload as Payload);
}

/** A payload that was taken may be asked for its text and its bytes, and JSON is JSON. */
function usable(payload: Payload): void {
  expect(payload.bytes.length).toBeGreaterThanOrEqual(0);
  if (payload.format === "json") JSON.parse(payload.text);
}

/** Some bytes replaced, cut out or put in. */
const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "cut", "add")), {
  minLength: 1,
  maxLength: 6,
});

function mutated(bytes: Uint8Array, list: readonly (readonly [number, number, string])[]): Uint8Array {
  const out = [...bytes];
  for (const [at, byte, what] of list) {
    const i = out.length === 0 ? 0 : at % out.length;
    if (what === "set") out[i] = byte;
    else if (what === "cut") out.splice(i, 1 + (byte % 4));
    else out.splice(i, 0, byte);
  }
  return Uint8Array.from(out);
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

test("W14 random text is refused or read", () => {
  const soup = fc.array(
    fc.constantFrom(
      '{"id":',
      "1",
      ',"publish":',
      '{"topic":',
      '"a/b"',
      ',"data":',
      "{",
      "}",
      "[",
      "]",
      "null",
      "\n",
      "1e400",
      '"__proto__":',
      '"\\ud800"',
      " ",
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.json(),
        soup.map((parts) => parts.join("")),
      ),
      (frame) => {
        survives(() => jsonCodec.decode(frame));
        survives(() => jsonCodec.decodeServer(frame));
      },
    ),
    RUNS,
  );
});

test("W14 random bytes are refused or read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (frame) => {
      survives(() => protoCodec.decode(frame));
      survives(() => protoCodec.decodeServer(frame));
      survives(() => protoCodec.decode(Uint8Array.from([frame.length, ...frame])));
      survives(() => protoCodec.decodeServer(Uint8Array.from([frame.length, ...frame])));
    }),
    RUNS,
  );
});

test("W14 spoiled commands are refused or read", () => {
  fc.assert(
    fc.property(commands, edits, (command, list) => {
      survives(() => jsonCodec.decode(text(mutated(bytesOf(jsonCodec.encodeCommand(command)), list))));
      survives(() => protoCodec.decode(mutated(protoCodec.encodeCommand(command), list)));
    }),
    RUNS,
  );
});

test("W14 spoiled replies and pushes are refused or read", () => {
  fc.assert(
    fc.property(replies, pushes, edits, (reply, push, list) => {
      for (const frame of [jsonCodec.reply(1, reply), jsonCodec.push(push)])
        survives(() => jsonCodec.decodeServer(text(mutated(bytesOf(frame), list))));
      for (const frame of [protoCodec.reply(1, reply), protoCodec.push(push)])
        survives(() => protoCodec.decodeServer(mutated(frame, list)));
    }),
    { numRuns: 1000 },
  );
});

test("W14 any JSON in place of a command's fields is refused or read", () => {
  const key = fc.constantFrom(
    "connect",
    "refresh",
    "subscribe",
    "unsubscribe",
    "publish",
    "ack",
    "history",
    "presence",
    "ping",
    "x",
  );
  const field = fc.constantFrom(
    "topic",
    "token",
    "since",
    "data",
    "text",
    "base64",
    "headers",
    "offset",
    "after",
    "limit",
    "__proto__",
    "toString",
  );
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()));
  fc.assert(
    fc.property(key, body, fc.jsonValue(), (kind, value, id) => {
      survives(() => jsonCodec.decode(JSON.stringify({ id, [kind]: value })));
    }),
    RUNS,
  );
});

test("W14 depth and repetition cost no more than length", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const started = process.cpuUsage();
  for (const field of ["publish", "subscribe", "history"]) {
    survives(() => jsonCodec.decode(`{"id":1,"${field}":{"topic":"a","data":${deep}}}`));
    survives(() => jsonCodec.decode(`{"id":1,"${field}":{"topic":"a","presence":{"a":${deep}}}}`));
  }
  survives(() => jsonCodec.decode("\n".repeat(1_000_000)));
  survives(() => jsonCodec.decode(`{"publish":{"topic":"a","data":"${"\\\\".repeat(200_000)}"}}`));
  survives(() => jsonCodec.decode(`{"publish":{"topic":"a","data":"${'\\"'.repeat(200_000)}"}}`));
  survives(() => protoCodec.decode(new Uint8Array(1_000_000).fill(0x0b)));
  survives(() => protoCodec.decode(new Uint8Array(1_000_000)));
  // Together they take some 0.3 s of CPU, most of it JSON.parse; what grows with the square takes minutes.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(3);
});

test("W21 the text of a payload is cut out of its line exactly", () => {
  const spaced = fc
    .tuple(fc.jsonValue(), fc.constantFrom(undefined, 1))
    .map(([value, indent]) => JSON.stringify(value, null, indent));
  const keys = fc.uniqueArray(fc.constantFrom("a", "topic", '\\"data', "dat", "data2", "x y"), { maxLength: 4 });
  fc.assert(
    fc.property(spaced, keys, keys, spaced, (data, before, after, other) => {
      const member = (key: string): string => `"${key}" : ${other}`;
      const inner = [...before.map(member), `"data":${data}`, ...after.map((key) => member(`z${key}`))].join(" , ");
      const line = `{"x":${other},"publish" : { ${inner} } ,"y":${other}}`;
      JSON.parse(line);
      expect(rawMember(line, "publish", "data")).toBe(data);
    }),
    RUNS,
  );
});
