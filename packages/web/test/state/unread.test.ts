import { expect, test } from "bun:test";
import { EMPTY_TIMELINE, received } from "../../src/state/timeline.ts";
import { badge, markOf, readUpTo, unreadCount } from "../../src/state/unread.ts";
import { by } from "../support/messages.ts";

const ME = "id:me";
const timeline = [by("a", 3), by("me", 5), by("b", 8)].reduce((now, each) => received(now, each, "e"), EMPTY_TIMELINE);

test("U30 messages of others behind the mark are unread", () => {
  const count = (offset: number) => unreadCount(timeline, { epoch: "e", offset }, ME);
  expect([0, 2, 3, 7, 8].map(count)).toEqual([2, 2, 1, 1, 0]);
  expect(unreadCount(timeline, markOf(timeline), ME)).toBe(0);
});

test("U30 a mark of another log says nothing", () => {
  expect(unreadCount(timeline, { epoch: "old", offset: 100 }, ME)).toBe(2);
  expect(readUpTo(timeline, { epoch: "old", offset: 100 })).toBe(0);
  const anew = received(timeline, by("a", 1), "new");
  expect(unreadCount(anew, markOf(timeline), ME)).toBe(1);
});

test("U30 without a message there is nothing to mark or to count", () => {
  expect(markOf(EMPTY_TIMELINE)).toBeUndefined();
  expect(unreadCount(EMPTY_TIMELINE, undefined, ME)).toBe(0);
});

test("U30 the badge ends at 99+", () => {
  expect([badge(1), badge(99), badge(100)]).toEqual(["1", "99", "99+"]);
});
