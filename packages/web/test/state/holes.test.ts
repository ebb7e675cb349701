import { expect, test } from "bun:test";
import { fillFailed, filled, fillingHole, gapped } from "../../src/state/holes.ts";
import { EMPTY_TIMELINE, type Hole, received, type Timeline } from "../../src/state/timeline.ts";
import { message } from "../support/messages.ts";

function start(): Timeline {
  const one = received(EMPTY_TIMELINE, message(1), "e");
  return received(gapped(one, { after: 1, to: 9 }), message(10), "e");
}

function only({ holes }: Timeline): Hole {
  const [hole] = holes;
  if (hole === undefined || holes.length !== 1) throw new Error(`${holes.length} holes`);
  return hole;
}

const page = (offsets: number[], more: boolean, complete = true) => ({
  messages: offsets.map((offset) => message(offset)),
  more,
  complete,
});

test("U25 a gap is a hole at its place, once", () => {
  const timeline = start();
  expect(only(timeline)).toEqual({ era: 0, after: 1, to: 9, state: "open" });
  expect(gapped(timeline, { after: 1, to: 9 })).toBe(timeline);
});

test("U25 a page that reaches the end closes the hole", () => {
  const timeline = filled(start(), only(start()), page([2, 5, 9, 10], false));
  expect(timeline.holes).toEqual([]);
  expect(timeline.lines.map((line) => line.message.offset)).toEqual([1, 2, 5, 9, 10]);
});

test("U25 a page that ends before it makes it smaller", () => {
  const timeline = filled(start(), only(start()), page([2, 3], true));
  expect(only(timeline)).toEqual({ era: 0, after: 3, to: 9, state: "open" });
});

test("U25 what the server keeps no more is gone", () => {
  const timeline = filled(start(), only(start()), page([8, 9, 10], false, false));
  expect(only(timeline)).toMatchObject({ state: "gone" });
  expect(timeline.lines.map((line) => line.message.offset)).toEqual([1, 8, 9, 10]);
});

test("U25 a gap without an end is of another log: it cannot be loaded", () => {
  const timeline = gapped(received(EMPTY_TIMELINE, message(4), "e"), { after: undefined, to: undefined });
  expect(only(timeline)).toEqual({ era: 0, after: 4, to: undefined, state: "gone" });
});

test("U25 while it loads it says so, and after a failure it can be tried again", () => {
  const hole = only(start());
  expect(only(fillingHole(start(), hole)).state).toBe("loading");
  expect(only(fillFailed(fillingHole(start(), hole), hole)).state).toBe("open");
});
