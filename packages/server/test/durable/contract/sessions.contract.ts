import { describe, expect, test } from "bun:test";
import type { SessionChange, SessionStore } from "../../../src/durable/session-store.ts";
import { empty, flightIn, flightOut, loaded } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

/** A session with something of everything. */
const RICH: readonly SessionChange[] = [
  { kind: "create", user: "ann" },
  { kind: "expires", at: 50 },
  { kind: "note", text: "a will" },
  { kind: "subscribe", filter: "a/#", options: "1" },
  { kind: "position", filter: "a/#", epoch: "e1", offset: 7 },
  { kind: "flight", flight: flightOut(1) },
  { kind: "flight", flight: flightIn(1) },
];

async function withEnds(store: SessionStore, ends: Readonly<Record<string, number | undefined>>): Promise<void> {
  for (const [id, at] of Object.entries(ends))
    await store.write(id, [
      { kind: "create", user: undefined },
      { kind: "expires", at },
    ]);
}

export function sessionContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: sessions`, () => {
    test("DS1 create makes a session with its user and nothing else", async () => {
      const store = await subject.open();
      await store.write("s", [{ kind: "create", user: "ann" }]);
      await store.write("anonymous", [{ kind: "create", user: undefined }]);
      await store.write("empty", [{ kind: "create", user: "" }]);
      expect(await store.load("s")).toEqual(empty("ann"));
      expect(await store.load("anonymous")).toEqual(empty());
      expect(await store.load("empty")).toEqual(empty(""));
    });

    test("DS1 create again forgets all that was stored before", async () => {
      const store = await subject.open();
      await store.write("s", RICH);
      await store.write("s", [{ kind: "create", user: "bob" }]);
      expect(await store.load("s")).toEqual(empty("bob"));
      expect(await store.expired(1000, 10)).toEqual([]);
      expect(await store.count()).toBe(1);
      await store.write("s", [{ kind: "subscribe", filter: "a/#", options: "2" }]);
      expect((await store.load("s"))?.subscriptions).toEqual([{ filter: "a/#", options: "2", positions: [] }]);
    });

    test("DS2 a session that does not exist is undefined, and changes of it are ignored", async () => {
      const store = await subject.open();
      expect(await store.load("s")).toBeUndefined();
      await store.write("s", [...RICH.slice(1), { kind: "landed", direction: "out", packet: 1 }, { kind: "delete" }]);
      expect(await store.load("s")).toBeUndefined();
      expect(await store.count()).toBe(0);
      expect(await store.expired(1000, 10)).toEqual([]);
      await store.write("s", [{ kind: "create", user: undefined }]);
      expect(await store.load("s")).toEqual(empty());
    });

    test("DS2 what follows a delete in a write is ignored, up to a create", async () => {
      const store = await subject.open();
      await store.write("s", [...RICH, { kind: "delete" }, ...RICH.slice(1)]);
      expect(await store.load("s")).toBeUndefined();
      await store.write("s", [...RICH, { kind: "delete" }, ...RICH.slice(1), { kind: "create", user: "cid" }]);
      expect(await store.load("s")).toEqual(empty("cid"));
    });

    test("DS3 expired gives the sessions whose time is over, the earliest first", async () => {
      const store = await subject.open();
      await withEnds(store, { later: 301, third: 300, first: 100, never: undefined, second: 200 });
      expect(await store.expired(99, 10)).toEqual([]);
      expect(await store.expired(100, 10)).toEqual(["first"]);
      expect(await store.expired(300, 10)).toEqual(["first", "second", "third"]);
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual(["first", "second", "third", "later"]);
    });

    test("DS3 expired gives at most its limit, and the same again until they are gone or have another end", async () => {
      const store = await subject.open();
      await withEnds(store, { a: 1, b: 2, c: 3, d: 4 });
      expect(await store.expired(10, 2)).toEqual(["a", "b"]);
      expect(await store.expired(10, 2)).toEqual(["a", "b"]);
      expect(await store.expired(10, 0)).toEqual([]);
      await store.write("a", [{ kind: "delete" }]);
      await store.write("b", [{ kind: "expires", at: undefined }]);
      await store.write("c", [{ kind: "expires", at: 11 }]);
      expect(await store.expired(10, Infinity)).toEqual(["d"]);
      expect(await store.expired(11, Infinity)).toEqual(["d", "c"]);
      await store.write("b", [{ kind: "expires", at: 1 }]);
      expect(await store.expired(10, Infinity)).toEqual(["b", "d"]);
    });

    test("DS4 end and note are set, changed and taken away", async () => {
      const store = await subject.open();
      await store.write("s", RICH);
      expect(await store.load("s")).toMatchObject({ expires: 50, note: "a will" });
      await store.write("s", [
        { kind: "expires", at: 1_900_000_000_123 },
        { kind: "note", text: "" },
      ]);
      expect(await store.load("s")).toMatchObject({ expires: 1_900_000_000_123, note: "", user: "ann" });
      await store.write("s", [
        { kind: "expires", at: undefined },
        { kind: "note", text: undefined },
      ]);
      expect(await store.load("s")).toMatchObject({ expires: undefined, note: undefined, user: "ann" });
    });

    test("DS5 delete forgets a session with all that belongs to it, and count follows", async () => {
      const store = await subject.open();
      await store.write("s", RICH);
      await store.write("t", RICH);
      expect(await store.count()).toBe(2);
      await store.write("s", [{ kind: "delete" }]);
      await store.write("s", [{ kind: "delete" }]);
      expect(await store.count()).toBe(1);
      expect(await store.load("s")).toBeUndefined();
      expect(await store.expired(1000, 10)).toEqual(["t"]);
      await store.write("s", [
        { kind: "create", user: undefined },
        { kind: "subscribe", filter: "a/#", options: "1" },
      ]);
      const subscriptions = [{ filter: "a/#", options: "1", positions: [] }];
      expect(await store.load("s")).toEqual({ ...empty(), subscriptions });
      expect((await store.load("t"))?.flights).toEqual([flightOut(1), flightIn(1)]);
    });

    test("DS19 what was loaded does not change later", async () => {
      const store = await subject.open();
      await store.write("s", RICH);
      const before = await loaded(store, "s");
      const copy = structuredClone(before);
      await store.write("s", [
        { kind: "position", filter: "a/#", epoch: "e1", offset: 8 },
        { kind: "position", filter: "a/#", epoch: "e2", offset: 8 },
        { kind: "subscribe", filter: "a/#", options: "other" },
        { kind: "flight", flight: flightOut(1, { state: "received" }) },
        { kind: "landed", direction: "in", packet: 1 },
      ]);
      expect(before).toEqual(copy);
      expect(await loaded(store, "s")).not.toEqual(copy);
    });
  });
}
