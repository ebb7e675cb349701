import { expect, test } from "bun:test";
import fc from "fast-check";
import { isJson } from "../../src/transport/mqtt/json-bytes.ts";
import { payloadOf } from "../../src/transport/mqtt/payload.ts";

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const look = (text: string): boolean | undefined => isJson(Buffer.from(text));

test("MJ1 whatever JSON.parse takes is JSON", () => {
  const indent = fc.constantFrom(undefined, 1, "\t");
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), indent, (value, space) => {
      expect(look(JSON.stringify(value, undefined, space))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("MJ1 what JSON.parse refuses is none: a character of a JSON text changed, added or left out", () => {
  const piece = fc.constantFrom(
    ...Array.from('{}[]",:.-+eE0123456789truefalsn\\u/b \n\t\r\u0000é😀\uFEFF'),
    "null",
    "\\u00e9",
    "1e5",
    '""',
  );
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      place,
      piece,
      fc.integer({ min: 0, max: 2 }),
      (value, where, put, drop) => {
        const text = JSON.stringify(value);
        const at = Math.floor(where * text.length);
        const changed = (text.slice(0, at) + put + text.slice(at + drop)).toWellFormed();
        expect(look(changed)).toBe(parses(changed));
      },
    ),
    { numRuns: 3000 },
  );
});

test("MJ1 any pieces put together are JSON where JSON.parse says so", () => {
  const pieces = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ":",
    "-",
    "0",
    "1",
    "07",
    ".5",
    "e",
    "E+1",
    "true",
    "null",
    "\\",
    "\\n",
    "\\u",
    "00e9",
    " ",
    '"a"',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 9 }), (parts) => {
      expect(look(parts.join(""))).toBe(parses(parts.join("")));
    }),
    { numRuns: 5000 },
  );
});

test("MJ2 what is nested more deeply than is looked into is parsed", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect([look(nested(64)), look(nested(65))]).toEqual([true, undefined]);
  expect(payloadOf(Buffer.from(nested(65))).format).toBe("json");
  expect(payloadOf(Buffer.from(nested(65).slice(1))).format).toBe("text");
});

test("MJ3 bytes that are no UTF-8 are binary, UTF-8 that is no JSON is text", () => {
  const format = (bytes: Uint8Array): string => payloadOf(bytes).format;
  expect(format(Uint8Array.of(0x22, 0xff, 0x22))).toBe("binary");
  expect(format(Buffer.from('"ÿ"'))).toBe("json");
  expect(format(Buffer.from("on"))).toBe("text");
  expect(format(new Uint8Array(0))).toBe("text");
});
