import { expect, test } from "bun:test";
import fc from "fast-check";
import { PLAIN_LINES } from "../src/dialect/plain.ts";
import { TIDEGATE_LINES } from "../src/dialect/tidegate.ts";
import { FIRST_ID, readLines } from "../src/wire/lines.ts";
import { MARK_START, markedPayload, markNumber, markPublisher, markTime, writeMark } from "../src/wire/mark.ts";

function read(frame: string, success: string): string[] {
  const seen: string[] = [];
  const bytes = Buffer.from(`junk${frame}\njunk`);
  readLines(bytes, 4, 4 + Buffer.byteLength(frame), Buffer.from(success), {
    accepted: (id) => void seen.push(`accepted ${id}`),
    marked: (all, at) => void seen.push(`marked ${markPublisher(all, at)} ${markNumber(all, at)}`),
    other: (text) => void seen.push(`other ${text}`),
  });
  return seen;
}

test("LG10 acknowledgements, messages and others of one frame", () => {
  const payload = markedPayload(100);
  const message = `{"message":{"topic":"chat/room_1","offset":7,"data":${payload}}}`;
  const frame = `{"id":${FIRST_ID + 5},"publish":{"epoch":"e","offset":10}}\n${message}\n${message}\n{"join":{}}`;
  const expected = [`accepted ${FIRST_ID + 5}`, "marked 0 0", "marked 0 0", 'other {"join":{}}'];
  expect(read(frame, TIDEGATE_LINES.published)).toEqual(expected);
});

test("LG10 an error is never taken for an acknowledgement", () => {
  const error = `{"id":${FIRST_ID + 5},"error":{"code":2001,"message":"~${"0".repeat(27)}"}}`;
  expect(read(error, TIDEGATE_LINES.published)).toEqual([`other ${error}`]);
  expect(read(error, PLAIN_LINES.published)).toEqual([`other ${error}`]);
  const small = '{"id":2,"publish":{"offset":1}}';
  expect(read(small, TIDEGATE_LINES.published)).toEqual([`other ${small}`]);
});

test("LG11 a mark gives back what was written, and the payload stays JSON of its size", () => {
  const publishers = fc.integer({ min: 0, max: 9_999_999 });
  const numbers = fc.integer({ min: 0, max: 999_999_999 });
  const moments = fc.integer({ min: 0, max: 99_999_999_999 });
  fc.assert(
    fc.property(publishers, numbers, moments, fc.integer({ min: 39, max: 300 }), (publisher, number, moment, size) => {
      const bytes = Buffer.from(markedPayload(size));
      const at = bytes.indexOf(MARK_START);
      writeMark(bytes, at, publisher, number, moment);
      expect([markPublisher(bytes, at), markNumber(bytes, at), markTime(bytes, at)]).toEqual([
        publisher,
        number,
        moment,
      ]);
      expect(bytes.length).toBe(size);
      JSON.parse(bytes.toString());
    }),
  );
});
