import { expect, test } from "bun:test";
import { Tracker } from "../src/tracker.ts";

test("C38 the topics of a filter are bounded; a forgotten one gives no false duplicate and no false gap", () => {
  const tracker = new Tracker(0, 10, 2);
  for (const [topic, offset] of [
    ["a", 11],
    ["b", 12],
    ["a", 13],
    ["c", 14],
  ] as const)
    tracker.mark(topic, offset);
  expect(tracker.judge({ topic: "b", offset: 12, previous: 5 })).toBe("duplicate");
  expect(tracker.judge({ topic: "b", offset: 15, previous: 12 })).toBe("next");
  expect(tracker.judge({ topic: "b", offset: 16, previous: 15 })).toBe("gap");
  expect(tracker.judge({ topic: "new", offset: 15, previous: 0 })).toBe("next");
  expect(tracker.judge({ topic: "a", offset: 16, previous: 14 })).toBe("gap");
});
