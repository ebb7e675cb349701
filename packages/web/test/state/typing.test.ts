import { expect, test } from "bun:test";
import { believed, NO_TYPING, stopped, typed, typists } from "../../src/state/typing.ts";
import { by } from "../support/messages.ts";

const at = (name: string, time: number) => by(name, 1, { time, data: { name, sender: name } });

test("U44 who types is told for 5 s", () => {
  const typing = typed(typed(NO_TYPING, at("Bea", 1000), 1000), at("Cem", 3000), 3000);
  expect(typists(typing, "id:me")).toEqual(["Bea", "Cem"]);
  expect(typists(believed(typing, 6000), "id:me")).toEqual(["Cem"]);
  expect(typists(believed(typing, 8000), "id:me")).toEqual([]);
});

test("U44 the message ends it", () => {
  const typing = typed(NO_TYPING, at("Bea", 0), 0);
  expect(typists(stopped(typing, "id:Bea"), "id:me")).toEqual([]);
  expect(stopped(typing, "id:Cem")).toBe(typing);
});

test("U44 the own typing, old words and words without a name are not told", () => {
  expect(typists(typed(NO_TYPING, at("me", 0), 0), "id:me")).toEqual([]);
  expect(typed(NO_TYPING, at("Bea", 0), 5001)).toBe(NO_TYPING);
  expect(typed(NO_TYPING, by("x", 1, { data: 7, time: 0 }), 0)).toBe(NO_TYPING);
});

test("U44 at most 20 are remembered", () => {
  let typing = NO_TYPING;
  for (let i = 0; i < 30; i++) typing = typed(typing, at(`n${i}`, 0), 0);
  expect(typing.size).toBe(20);
});
