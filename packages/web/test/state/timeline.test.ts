import { expect, test } from "bun:test";
import fc from "fast-check";
import { discarded, failed, retried, sending, sent } from "../../src/state/outgoing.ts";
import {
  EMPTY_TIMELINE,
  MAX_LINES,
  merged,
  opened,
  olderLoading,
  prepended,
  received,
  type Timeline,
} from "../../src/state/timeline.ts";
import { message } from "../support/messages.ts";

const BODY = { text: "hi", name: "Ada", sender: "a" };
const OUT = { id: "o1", body: BODY, time: 5 };

function offsets({ lines }: Timeline): readonly number[] {
  return lines.map(({ message: { offset } }) => offset);
}

function withOffsets(...all: number[]): Timeline {
  return all.reduce((timeline, offset) => received(timeline, message(offset), "e"), EMPTY_TIMELINE);
}

test("U20 in whatever order messages come, each is there once and in order", () => {
  const step = fc.record({ offsets: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 10 }), live: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let timeline = received(EMPTY_TIMELINE, message(15), "e");
      const seen = new Set([15]);
      for (const { offsets: some, live } of steps) {
        for (const offset of some) seen.add(offset);
        const messages = some.map((offset) => message(offset));
        timeline = live
          ? messages.reduce((now, each) => received(now, each, "e"), timeline)
          : merged(timeline, messages);
      }
      expect(offsets(timeline)).toEqual([...seen].sort((a, b) => a - b));
    }),
  );
});

test("U21 a new log's messages come after those of the old one", () => {
  let timeline = withOffsets(7, 8);
  timeline = received(timeline, message(1), "new");
  timeline = received(timeline, message(2), "new");
  expect(offsets(timeline)).toEqual([7, 8, 1, 2]);
  expect(timeline).toMatchObject({ epoch: "new", era: 1 });
});

test("U22 at most 2,000 messages are kept, the newest; older ones can be loaded again", () => {
  let timeline = opened(EMPTY_TIMELINE);
  for (let offset = 1; offset <= MAX_LINES; offset++) timeline = received(timeline, message(offset), "e");
  expect(timeline).toMatchObject({ older: "none", lines: { length: MAX_LINES } });
  timeline = received(timeline, message(MAX_LINES + 1), "e");
  expect(timeline).toMatchObject({ older: "more", lines: { length: 1500 } });
  expect(offsets(timeline).at(-1)).toBe(MAX_LINES + 1);
});

test("U22 past 2,000 no older messages are loaded", () => {
  const page = Array.from({ length: MAX_LINES }, (_, i) => message(i + 1));
  expect(prepended(withOffsets(MAX_LINES + 1), page, true).older).toBe("full");
});

test("U23 an own message is sending, then sent, then the stored one, whichever comes first", () => {
  const stored = message(1, { id: "o1", data: BODY });
  const sent1 = sent(sending(EMPTY_TIMELINE, OUT), "o1");
  expect(sending(EMPTY_TIMELINE, OUT).outgoing).toEqual([{ ...OUT, status: "sending" }]);
  expect(sent1.outgoing).toEqual([{ ...OUT, status: "sent" }]);
  for (const timeline of [
    received(sent1, stored, "e"),
    sent(received(sending(EMPTY_TIMELINE, OUT), stored, "e"), "o1"),
  ]) {
    expect(timeline.outgoing).toEqual([]);
    expect(offsets(timeline)).toEqual([1]);
  }
  expect(merged(sent1, [stored]).outgoing).toEqual([]);
});

test("U23 a refused message says why, is tried again under its id, or discarded", () => {
  const two = sending(sending(EMPTY_TIMELINE, OUT), { ...OUT, id: "o2" });
  const refused = failed(two, "o1", "not allowed");
  expect(refused.outgoing[0]).toMatchObject({ status: "failed", fault: "not allowed" });
  const again = retried(refused, "o1", 9);
  expect(again.outgoing.map(({ id, status, time }) => [id, status, time])).toEqual([
    ["o2", "sending", 5],
    ["o1", "sending", 9],
  ]);
  expect(again.outgoing[1]).not.toHaveProperty("fault");
  expect(discarded(again, "o2").outgoing.map(({ id }) => id)).toEqual(["o1"]);
  expect(retried(again, "unknown", 9)).toBe(again);
});

test("U24 whether there are older messages is seen in the first one, then told with each page", () => {
  expect(opened(EMPTY_TIMELINE).older).toBe("none");
  expect(opened(received(EMPTY_TIMELINE, message(1, { previous: 0 }), "e")).older).toBe("none");
  const first = opened(withOffsets(9));
  expect(first.older).toBe("more");
  const more = prepended(olderLoading(first), [message(7), message(8)], true);
  expect([more.older, offsets(more)]).toEqual(["more", [7, 8, 9]]);
  expect(prepended(more, [message(6)], false).older).toBe("none");
});
