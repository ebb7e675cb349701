import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  type Arrival,
  type Arrived,
  decodeArrivals,
  encodeArrivals,
  isNewer,
} from "../../src/transport/mqtt/arrivals.ts";

const arrival = fc.record({
  key: fc.string({ unit: "grapheme", maxLength: 40 }),
  claim: fc.nat(3),
  at: fc.integer({ min: 1000, max: 1004 }),
  isAgain: fc.boolean(),
});

test("M151 of two connections with one id that come at the same time both gateways give up the same one", () => {
  const runs = fc.property(arrival, arrival, (one, two) => {
    const [a, b]: [Arrived, Arrived] = [
      { ...one, node: "a" },
      { ...two, node: "b", claim: two.claim === one.claim && one.claim > 0 ? two.claim + 1 : two.claim },
    ];
    expect(isNewer(a, b, 1005)).toBe(!isNewer(b, a, 1005));
  });
  fc.assert(runs);
});

test("M151 whoever is told of later is newer than one that has been there for long, whatever the clocks say", () => {
  const own = { key: "k", claim: 0, at: 100_000, node: "z" };
  const theirs = { key: "k", claim: 0, at: 40_000, node: "a" };
  expect(isNewer(theirs, own, 103_000)).toBe(true);
  expect(isNewer(theirs, own, 101_000)).toBe(false);
  // Told once more, because the gateways did not hear one another for a while.
  expect(isNewer({ ...theirs, isAgain: true }, own, 103_000)).toBe(false);
  expect(isNewer({ ...theirs, at: 100_001, isAgain: true }, own, 103_000)).toBe(true);
});

test("M151 what gateways tell of arrivals is read as it was, in messages that the bus takes", () => {
  const runs = fc.property(fc.array(arrival, { minLength: 1, maxLength: 50 }), (arrived: readonly Arrival[]) => {
    const messages = encodeArrivals("node", arrived, 400);
    expect(messages.flatMap((message) => decodeArrivals(message).arrived)).toEqual([...arrived]);
    const bound = arrived.length === 1 ? Infinity : 400;
    for (const message of messages)
      if (decodeArrivals(message).arrived.length > 1) expect(message.length).toBeLessThanOrEqual(bound);
  });
  fc.assert(runs);
});
