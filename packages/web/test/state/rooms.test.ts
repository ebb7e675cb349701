import { expect, test } from "bun:test";
import fc from "fast-check";
import { hashOf, join, leave, MAX_ROOMS, readRoomName, roomOfHash, topicOf } from "../../src/state/room.ts";

test.each([
  ["general", "general"],
  ["  # my  room ", "my-room"],
  ["Küche☕", "Küche☕"],
  ["x".repeat(64), "x".repeat(64)],
])("U10 %j is the room %j", (input, room) => {
  expect(readRoomName(input)).toEqual({ room });
});

test.each([
  ["", "Type a name."],
  [" ## ", "Type a name."],
  ["a/b", "A name cannot have /."],
  ["a+b", "A name cannot have +."],
  ["a#b", "A name cannot have #."],
  ["a\u0000b", "A name cannot have control characters."],
  ["x".repeat(65), "A name has at most 64 characters."],
])("U10 %j is refused", (input, fault) => {
  expect(readRoomName(input)).toEqual({ fault });
});

test("U10 every name that is taken is one level of a topic and stays itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (input) => {
      const read = readRoomName(input);
      if ("fault" in read) return;
      expect(topicOf(read.room).split("/")).toHaveLength(2);
      expect(readRoomName(read.room)).toEqual(read);
    }),
  );
});

test("U11 a room survives its address", () => {
  for (const room of ["general", "a&b?c", "100%", "Küche☕"]) expect(roomOfHash(hashOf(room))).toBe(room);
});

test("U11 other addresses name no room", () => {
  for (const hash of ["", "#", "#/", "#general", "#/a%2Fb", "#/%E0%A4%A"]) expect(roomOfHash(hash)).toBeUndefined();
});

test("U12 joining again changes nothing, and there is a bound", () => {
  expect(join(["a"], "b")).toEqual({ rooms: ["a", "b"] });
  expect(join(["a", "b"], "a")).toEqual({ rooms: ["a", "b"] });
  const full = Array.from({ length: MAX_ROOMS }, (_, i) => `r${i}`);
  expect(join(full, "more")).toHaveProperty("fault");
  expect(join(full, "r7")).toEqual({ rooms: full });
});

test("U12 after leaving, the neighbour is next; the last room stays", () => {
  expect(leave(["a", "b", "c"], "b")).toEqual({ rooms: ["a", "c"], next: "c" });
  expect(leave(["a", "b", "c"], "c")).toEqual({ rooms: ["a", "b"], next: "b" });
  expect(leave(["a"], "a")).toEqual({ rooms: ["a"], next: "a" });
});
