import { expect, test } from "bun:test";
import fc from "fast-check";
import { Payload } from "../src/payload.ts";

test("W45 text and bytes of a payload are each other's", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new TextEncoder().encode(text);
      expect(Payload.text(text).bytes).toEqual(bytes);
      expect(Payload.of("text", bytes).text).toBe(text);
      expect(Payload.of("json", bytes).text).toBe(text);
      expect(Payload.text(text).size).toBe(bytes.length);
      expect(Payload.of("text", bytes).size).toBe(bytes.length);
    }),
  );
});

test("W45 a payload keeps the form that it came in until the other is asked for", () => {
  const bytes = Uint8Array.of(0x61);
  const payload = Payload.of("text", bytes);
  expect(payload.form).toBe(bytes);
  expect(payload.text).toBe("a");
  expect(payload.bytes).toBe(bytes);
  expect(Payload.binary(bytes).format).toBe("binary");
});

test("W45 a byte order mark is part of the payload", () => {
  expect(Payload.of("text", Uint8Array.of(0xef, 0xbb, 0xbf)).text).toBe("\ufeff");
});
