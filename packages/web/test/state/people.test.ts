import { expect, test } from "bun:test";
import type { Member } from "@tidegate/client";
import {
  answered,
  heard,
  howMany,
  isStale,
  joined,
  left,
  listed,
  NOBODY,
  type People,
} from "../../src/state/people.ts";
import { by } from "../support/messages.ts";

function member(session: string, id: string, name = id): Member {
  return { user: session, info: { id, name } };
}

function names(people: People): readonly string[] {
  return listed(people, "me").map(({ name }) => name);
}

const TWO = answered(NOBODY, { count: 2, members: [member("s1", "me"), member("s2", "Bea")] });

test("U40 the own person is the first, then by name; strange info is somebody too", () => {
  const members = [
    member("s3", "z"),
    { user: "s4", info: ["?"] },
    { user: "s5" },
    member("s1", "me"),
    member("s2", "b"),
  ];
  expect(names(answered(TWO, { count: 5, members }))).toEqual(["me", "Anonymous", "Anonymous", "b", "z"]);
});

test("U40 joins and leaves change the list and are news", () => {
  const come = joined(TWO, { count: 3, members: [member("s3", "Cem")] }, "me");
  expect([names(come.people), come.names]).toEqual([["me", "Bea", "Cem"], ["Cem"]]);
  const gone = left(come.people, { count: 2, members: [{ user: "s2" }, { user: "unknown" }] }, "me");
  expect([names(gone.people), gone.names]).toEqual([["me", "Cem"], ["Bea"]]);
});

test("U40 the own coming and going is no news", () => {
  const own = { count: 1, members: [member("s1", "me")] };
  expect(joined(NOBODY, own, "me").names).toEqual([]);
  expect(left(TWO, own, "me").names).toEqual([]);
});

test("U40 two pages of one person are one, until the second is gone", () => {
  const come = joined(TWO, { count: 3, members: [member("s3", "Bea")] }, "me");
  expect([howMany(come.people), come.names]).toEqual([2, []]);
  const first = left(come.people, { count: 2, members: [{ user: "s2" }] }, "me");
  expect(first.names).toEqual([]);
  expect(left(first.people, { count: 1, members: [{ user: "s3" }] }, "me").names).toEqual(["Bea"]);
});

test("U41 who is missing after a restart comes back without a word", () => {
  const after = answered(TWO, { count: 1, members: [member("s9", "me")] });
  expect(names(after)).toEqual(["me"]);
  const back = joined(after, { count: 2, members: [member("s8", "Bea")] }, "me");
  expect([names(back.people), back.names]).toEqual([["me", "Bea"], []]);
  // Only once: from now on it is news again.
  const gone = left(back.people, { count: 1, members: [{ user: "s8" }] }, "me");
  expect(gone.names).toEqual(["Bea"]);
  expect(joined(gone.people, { count: 2, members: [member("s7", "Bea")] }, "me").names).toEqual(["Bea"]);
});

test("U42 a list that could be whole and is not is stale; a cut one is not", () => {
  expect(isStale(TWO, 100)).toBe(false);
  expect(isStale({ ...TWO, count: 3 }, 100)).toBe(true);
  expect(isStale({ ...TWO, count: 1 }, 100)).toBe(true);
  expect(isStale({ ...TWO, count: 5000 }, 2)).toBe(false);
  expect(howMany({ ...TWO, count: 5000 })).toBe(5000);
});

test("U43 a new name is taken from a message", () => {
  const message = by("Bea", 1, { data: { text: "hi", name: "Beatrice", sender: "Bea" } });
  expect(names(heard(TWO, message))).toEqual(["me", "Beatrice"]);
  expect(heard(TWO, by("nobody", 1))).toBe(TWO);
  expect(heard(TWO, by("Bea", 1))).toBe(TWO);
});
