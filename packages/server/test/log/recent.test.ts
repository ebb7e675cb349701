import { describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { Recent } from "../../src/log/recent.ts";
import type { Page } from "../../src/log/log.ts";
import { message } from "./fixture.ts";

const BOUNDS = { messages: 8, bytes: 1000 };

/** Offsets from one to another, on the topics a/0, a/1 and a/2 in turn. */
function stored(from: number, to: number, text = "x"): readonly Stored[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const offset = from + i;
    return { message: message(`a/${offset % 3}`, text), offset, previous: Math.max(0, offset - 3) };
  });
}

function held(from: number, to: number): Recent {
  const recent = new Recent(BOUNDS);
  recent.add(stored(from, to));
  return recent;
}

const offsets = (page: Page | undefined): readonly number[] | undefined => page?.messages.map(({ offset }) => offset);

describe("sqlite log: recent messages", () => {
  test("L59 a filter and a topic find what came after a position", () => {
    const recent = held(11, 16);
    expect(offsets(recent.read({ filter: "a/+", after: 10, limit: 100 }))).toEqual([11, 12, 13, 14, 15, 16]);
    expect(offsets(recent.read({ filter: "a/1", after: 13, limit: 100 }))).toEqual([16]);
    expect(recent.read({ filter: "b/#", after: 12, limit: 100 })).toEqual({
      messages: [],
      next: 16,
      more: false,
      complete: true,
    });
  });

  test("L59 a page has its bounds, and says that there is more", () => {
    const page = held(11, 16).read({ filter: "#", after: 10, limit: 2 });
    expect(offsets(page)).toEqual([11, 12]);
    expect(page).toMatchObject({ next: 12, more: true, complete: true });
  });

  test("L59 from before what is held nothing is said", () => {
    expect(held(11, 16).read({ filter: "#", after: 9, limit: 100 })).toBeUndefined();
    expect(new Recent(BOUNDS).read({ filter: "#", after: 0, limit: 100 })).toBeUndefined();
  });

  test("L59 past the bounds the older half goes, by number and by bytes", () => {
    const recent = held(1, 8);
    recent.add(stored(9, 9));
    expect(offsets(recent.read({ filter: "#", after: 8, limit: 100 }))).toEqual([9]);
    expect(recent.read({ filter: "#", after: 4, limit: 100 })).toBeUndefined();
    recent.add(stored(10, 10, "x".repeat(2000)));
    expect(recent.read({ filter: "#", after: 9, limit: 100 })).toBeUndefined();
    recent.add(stored(11, 11));
    expect(offsets(recent.read({ filter: "#", after: 10, limit: 100 }))).toEqual([11]);
  });

  test("L59 what retention removed is not given, nor is it said that nothing was removed", () => {
    const recent = held(1, 8);
    recent.forget(3);
    expect(recent.read({ filter: "#", after: 2, limit: 100 })).toBeUndefined();
    expect(offsets(recent.read({ filter: "#", after: 3, limit: 100 }))).toEqual([4, 5, 6, 7, 8]);
    recent.forget(100);
    expect(recent.read({ filter: "#", after: 8, limit: 100 })).toBeUndefined();
  });

  test("L59 a gap in the offsets begins anew", () => {
    const recent = held(1, 4);
    recent.add(stored(1000, 1001));
    expect(recent.read({ filter: "#", after: 4, limit: 100 })).toBeUndefined();
    expect(offsets(recent.read({ filter: "#", after: 999, limit: 100 }))).toEqual([1000, 1001]);
  });
});
