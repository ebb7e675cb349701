import { expect, test } from "bun:test";
import fc from "fast-check";
import { Ledger, type StreamEnd, UNKNOWN } from "../../src/engine/ledger.ts";

const LATE = 1_000_000;
/** Microseconds in which a stream may be silent for a subscription that has just begun to stand. */
const SILENT = 1_000_000;

test("LG20 a ledger counts what is lost, repeated and reordered as a slow model does", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 35 }), (heard, more) => {
      const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
      ledger.stands(0, 0, () => 0);
      for (const number of heard) ledger.note(0, 0, number, 10);
      const sent = Math.max(0, ...heard) + more;
      ledger.settle(() => ({ sent, last: 5 }));
      const seen = new Set(heard);
      let [highest, reordered] = [0, 0];
      for (const [i, number] of heard.entries()) {
        if (number < highest && heard.indexOf(number) === i) reordered += 1;
        highest = Math.max(highest, number);
      }
      expect(ledger.counts).toMatchObject({
        received: seen.size,
        lost: sent - seen.size,
        repeated: heard.length - seen.size,
        reordered,
      });
    }),
  );
});

test("LG20 what was sent before a subscription stood, or after it fell, is not missed", () => {
  const ledger = new Ledger([{ firstStream: 7, streams: 2 }], LATE);
  const end =
    (sent: number): ((stream: number) => StreamEnd) =>
    () => ({ sent, last: 9e6 });
  ledger.stands(0, 1000, () => 5);
  ledger.note(0, 7, 6, 10);
  ledger.note(0, 8, 5, 10);
  expect(ledger.outstanding(end(6))).toBe(1);
  ledger.falls(0);
  ledger.settle(end(100));
  expect(ledger.counts).toMatchObject({ received: 2, lost: 0, repeated: 0 });
  expect([ledger.hears(0, 6), ledger.hears(0, 7), ledger.hears(0, 8), ledger.hears(0, 9)]).toEqual([
    ...[false, true],
    ...[true, false],
  ]);
});

test("LG20 what was passed over before the connection ended is lost for good: if it comes on the next one, it is repeated", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 0, () => 0);
  for (const number of [1, 3]) ledger.note(0, 0, number, 10);
  ledger.falls(0);
  ledger.stands(0, 1, () => 3);
  for (const number of [4, 2]) ledger.note(0, 0, number, 10);
  expect(ledger.counts).toMatchObject({ received: 3, lost: 1, repeated: 1, reordered: 0 });
});

test("LG20 where a stream stands is not known, counting begins with the first message heard; of one at work at least one is due", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 1000, () => UNKNOWN);
  const outstanding = (last: number): number => ledger.outstanding(() => ({ sent: 50, last }));
  expect(outstanding(1000 + SILENT)).toBe(0);
  expect(outstanding(1001 + SILENT)).toBe(1);
  ledger.note(0, 0, 40, 10);
  expect(ledger.counts).toMatchObject({ received: 1, lost: 0 });
  expect(outstanding(1000)).toBe(10);
  ledger.settle(() => ({ sent: 50, last: 1000 }));
  expect(ledger.counts).toMatchObject({ received: 1, lost: 10 });
});

test("LG20 LG58 LG62 each subscription is counted by itself, and what was wrong is said in words", () => {
  const ledger = new Ledger(
    [0, 2].map((firstStream) => ({ firstStream, streams: 2 })),
    LATE,
  );
  for (const subscription of [0, 1]) ledger.stands(subscription, 0, () => 0);
  for (const stream of [2, 3]) for (const number of [1, 3]) ledger.note(1, stream, number, 10);
  // What the first one does is nothing to the second.
  ledger.falls(0);
  ledger.stands(0, 1, () => 0);
  ledger.note(1, 2, 2, 10);
  ledger.note(1, 3, 3, 10);
  ledger.note(0, 0, 1, 10, 7);
  ledger.note(0, 1, 1, 10, 7);
  ledger.note(0, 0, 4, LATE + 1, 8);
  ledger.foreign(0, 9, 5);
  expect(ledger.counts).toEqual({
    ...{ received: 8, lost: 3, repeated: 1, reordered: 2, delayed: 1, foreign: 1, maxLatency: LATE + 1 },
  });
  expect(ledger.examples).toEqual([
    "subscription 1 missed message 2 of stream 2",
    "subscription 1 missed message 2 of stream 3",
    "subscription 1 got message 2 of stream 2 after a later one",
    "subscription 1 got message 3 of stream 3 twice",
    "subscription 0 got message 1 of stream 1, which is at 7 of the topic, after the one at 7",
    "subscription 0 got message 4 of stream 0 after 1000 ms",
    "subscription 0 missed messages 2 to 3 of stream 0",
    "subscription 0 got message 5 of stream 9, which is not of its topic",
  ]);
  ledger.settle(() => ({ sent: 4, last: 5 }));
  expect(ledger.counts.lost).toBe(8);
  expect(ledger.examples.slice(8)).toEqual([
    "subscription 0 missed messages 2 to 4 of stream 1",
    "subscription 1 missed message 4 of stream 2",
  ]);
});

test("LG21 a delivery is delayed that takes longer than the limit, not one that takes as long", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 0, () => 0);
  ledger.note(0, 0, 1, LATE);
  expect(ledger.counts).toMatchObject({ delayed: 0, maxLatency: LATE });
  ledger.note(0, 0, 2, LATE + 1);
  expect(ledger.counts).toMatchObject({ delayed: 1, maxLatency: LATE + 1 });
});
