import { expect, test } from "bun:test";
import { whoIsHere } from "../../src/chat/begin.ts";
import { memoryArea, Saved } from "../../src/chat/saved.ts";
import { FIRST_ROOMS } from "../../src/state/room.ts";

const ADA = { id: "a", name: "Ada" };

test("U13 the browser keeps name, rooms, colours and marks; the tab keeps drafts and the token", () => {
  const browser = memoryArea();
  const saved = new Saved(browser, memoryArea());
  Object.assign(saved, { person: ADA, rooms: ["x"], theme: "dark", token: "secret" });
  saved.saveMark("x", { epoch: "e", offset: 3 });
  saved.saveDraft("x", "half a");
  expect([saved.token, saved.draft("x")]).toEqual(["secret", "half a"]);
  const otherTab = new Saved(browser, memoryArea());
  expect([otherTab.person, otherTab.rooms, otherTab.theme, otherTab.mark("x")]).toEqual([
    ADA,
    ["x"],
    "dark",
    { epoch: "e", offset: 3 },
  ]);
  expect([otherTab.token, otherTab.draft("x")]).toEqual([undefined, ""]);
});

test.each(["{", "null", "7", '"x"', "[]", "{}", '[1,"a/b",""]', '{"id":1,"name":"x"}', '{"epoch":1}'])(
  "U13 %s in the storage is as nothing",
  (junk) => {
    const area = { ...memoryArea(), getItem: () => junk };
    const saved = new Saved(area, area);
    expect([saved.person, saved.theme, saved.mark("x")]).toEqual([undefined, "auto", undefined]);
    expect(saved.rooms).toEqual(FIRST_ROOMS);
  },
);

test("U13 a storage that refuses is no fault", () => {
  const refuse = (): never => {
    throw new Error("forbidden");
  };
  const saved = new Saved({ getItem: refuse, setItem: refuse, removeItem: refuse }, memoryArea());
  saved.person = ADA;
  expect(saved.person).toBeUndefined();
});

test("U14 a guest tab has a person of its own, and keeps it", () => {
  const browser = memoryArea();
  const tab = memoryArea();
  new Saved(browser, memoryArea()).person = ADA;
  const parts = { random: () => 0, newId: () => "new" };
  const guest = new Saved(browser, tab);
  const first = whoIsHere(guest, "?guest", parts);
  expect(first).toEqual({ me: { id: "new", name: "Amber Badger" }, named: true });
  guest.person = { id: "new", name: "Gus" };
  expect(whoIsHere(guest, "?guest", parts).me.name).toBe("Gus");
  expect(whoIsHere(new Saved(browser, memoryArea()), "", parts)).toEqual({ me: ADA, named: true });
});

test("U14 somebody new is asked for a name", () => {
  const saved = new Saved(memoryArea(), memoryArea());
  expect(whoIsHere(saved, "", { random: () => 0, newId: () => "n" })).toEqual({
    me: { id: "n", name: "Amber Badger" },
    named: false,
  });
});
