import { describe, expect, test } from "bun:test";
import type { SessionChange, SessionStore } from "../../../src/durable/session-store.ts";
import { errorName } from "../../log/fixture.ts";
import { empty, flightOut, loaded } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

const CREATE: SessionChange = { kind: "create", user: undefined };
const LARGE = "x".repeat(50_000);

const note = (text: string): SessionChange => ({ kind: "note", text });
const large = (user: string): readonly SessionChange[] => [
  { kind: "create", user },
  { kind: "expires", at: 5 },
  { kind: "subscribe", filter: "a", options: "1" },
  { kind: "flight", flight: flightOut(1) },
  note(LARGE),
];

/** Writes large sessions until one is refused; returns its number. */
async function fill(store: SessionStore): Promise<number> {
  for (let n = 0; n < 101; n++)
    if ((await errorName(store.write(`s${n}`, large(`user ${n}`)))) === "SessionsUnavailable") return n;
  throw new Error("it took all of them");
}

export function writeContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: writes`, () => {
    test("DS11 the changes of a write take effect in their order", async () => {
      const store = await subject.open();
      await store.write("s", [
        note("before it exists"),
        { kind: "create", user: "a" },
        note("1"),
        note("2"),
        { kind: "create", user: "b" },
        { kind: "subscribe", filter: "f", options: "1" },
        { kind: "unsubscribe", filter: "f" },
        { kind: "flight", flight: flightOut(1) },
        { kind: "landed", direction: "out", packet: 1 },
        { kind: "expires", at: 5 },
        { kind: "expires", at: 6 },
      ]);
      expect(await store.load("s")).toEqual({ ...empty("b"), expires: 6 });
    });

    test("DS12 a refused write has stored nothing, and the store goes on when there is room", async () => {
      const store = await subject.openSmall();
      const refused = await fill(store);
      expect(refused).toBeGreaterThan(2);
      expect(await store.load(`s${refused}`)).toBeUndefined();
      expect(await store.count()).toBe(refused);
      expect(await store.expired(5, 1000)).toHaveLength(refused);
      expect(await store.load(`s${refused - 1}`)).toMatchObject({ user: `user ${refused - 1}`, note: LARGE });
      await store.write("s0", [{ kind: "delete" }]);
      await store.write("s1", [{ kind: "delete" }]);
      await store.write(`s${refused}`, large("late"));
      expect(await store.load(`s${refused}`)).toMatchObject({ user: "late", note: LARGE, flights: [flightOut(1)] });
      expect(await store.count()).toBe(refused - 1);
    });

    test("DS13 writes that are under way together take effect in the order of the calls", async () => {
      const store = await subject.open();
      const done: number[] = [];
      const writes = Array.from({ length: 50 }, async (_, n) => {
        const changes = [note(`${n}`), { kind: "flight", flight: flightOut(n + 1) }] as const;
        await store.write("s", n === 10 ? [CREATE, ...changes] : changes);
        done.push(n);
      });
      await Promise.all(writes);
      expect(done).toEqual(Array.from({ length: 50 }, (_, n) => n));
      expect(await store.load("s")).toMatchObject({ note: "49" });
      expect((await store.load("s"))?.flights.map((one) => one.packet)).toEqual(
        Array.from({ length: 40 }, (_, n) => n + 11),
      );
    });

    test("DS13 what reads sees the writes called before it and none called after", async () => {
      const store = await subject.open();
      const ends = (at: number): SessionChange => ({ kind: "expires", at });
      const results = await Promise.all([
        store.load("s"),
        store.write("s", [CREATE, note("1"), ends(1)]),
        store.load("s"),
        store.count(),
        store.expired(1, 9),
        store.write("s", [note("2"), ends(2)]),
        store.load("s"),
        store.expired(1, 9),
        store.write("s", [{ kind: "delete" }]),
        store.load("s"),
        store.count(),
      ]);
      const [before, , first, one, ended, , second, changed, , gone, none] = results;
      expect([before, first?.note, one, ended]).toEqual([undefined, "1", 1, ["s"]]);
      expect([second?.note, changed, gone, none]).toEqual(["2", [], undefined, 0]);
    });

    test("DS14 ten thousand sessions are each what was written", async () => {
      const store = await subject.open();
      const changesOf = (n: number): readonly SessionChange[] => [
        { kind: "create", user: `user ${n}` },
        { kind: "expires", at: n },
        { kind: "subscribe", filter: "shared", options: `${n}` },
        { kind: "position", filter: "shared", epoch: "e", offset: n },
        { kind: "flight", flight: flightOut(1, { offset: n }) },
      ];
      await Promise.all(Array.from({ length: 10_000 }, (_, n) => store.write(`s${n}`, changesOf(n))));
      expect(await store.count()).toBe(10_000);
      await Promise.all(
        Array.from({ length: 5000 }, (_, n) =>
          store.write(`s${2 * n}`, [n % 2 === 0 ? { kind: "delete" } : { kind: "unsubscribe", filter: "shared" }]),
        ),
      );
      expect(await store.count()).toBe(7500);
      expect((await store.expired(9999, 20_000)).length).toBe(7500);
      for (let n = 0; n < 10_000; n += 37) {
        const subscription = { filter: "shared", options: `${n}`, positions: [{ epoch: "e", offset: n }] };
        const subscriptions = n % 4 === 2 ? [] : [subscription];
        const session = { ...empty(`user ${n}`), expires: n, subscriptions, flights: [flightOut(1, { offset: n })] };
        expect(await store.load(`s${n}`)).toEqual(n % 4 === 0 ? undefined : session);
      }
    });

    test("DS15 close finishes what is under way, and every call after it is refused", async () => {
      const store = await subject.open();
      await store.probe();
      const last = store.write("s", [CREATE]);
      const found = store.load("s");
      const closed = store.close();
      expect(await errorName(store.write("s", [note("late")]))).toBe("SessionsUnavailable");
      await Promise.all([last, closed]);
      expect(await found).toEqual(empty());
      await store.close();
      const calls = [store.load("s"), store.write("s", [CREATE]), store.expired(1, 1), store.count(), store.probe()];
      for (const call of calls) expect(await errorName(call)).toBe("SessionsUnavailable");
    });

    test("DS16 ids and texts are any Unicode and are told apart as they are", async () => {
      const store = await subject.open();
      // Composed and decomposed, a NUL, a byte order mark, beyond the first plane, the empty one, case, and SQL's own.
      const names = [
        "é",
        "e\u0301",
        "a\0b",
        "a\0c",
        "a",
        "A",
        "\ufeffa",
        "😀/#",
        "日本/+",
        "",
        " ",
        "'; --",
        "%",
        "\uffff",
      ];
      await Promise.all(names.map((id) => store.write(id, unicode(id, names))));
      expect(await store.count()).toBe(names.length);
      for (const id of names) {
        const found = await loaded(store, id);
        expect([found?.user, found?.note]).toEqual([id, id]);
        expect(found?.subscriptions.map(({ filter, options }) => [filter, options])).toEqual(
          names.map((one) => [one, id]),
        );
        expect(found?.subscriptions[3]?.positions).toEqual([{ epoch: id, offset: 3 }]);
        expect(found?.flights).toEqual([flightOut(1, { filter: id, epoch: id, messageId: id })]);
      }
      for (const id of names) await store.write(id, [{ kind: "delete" }]);
      expect(await store.count()).toBe(0);
    });

    const { reopen } = subject;
    if (reopen === undefined) return;
    test("DS17 what was written is there after closing and opening", async () => {
      const first = await subject.open();
      await first.write("s", large("ann"));
      const last = first.write("s", [{ kind: "flight", flight: flightOut(2) }]);
      const store = await reopen(first);
      await last;
      expect(await store.load("s")).toEqual({
        user: "ann",
        owner: undefined,
        expires: 5,
        note: LARGE,
        subscriptions: [{ filter: "a", options: "1", positions: [] }],
        flights: [flightOut(1), flightOut(2)],
      });
      expect(await store.count()).toBe(1);
      expect(await store.expired(5, 9)).toEqual(["s"]);
      await store.write("s", [
        { kind: "landed", direction: "out", packet: 1 },
        { kind: "flight", flight: flightOut(1) },
      ]);
      expect((await store.load("s"))?.flights).toEqual([flightOut(2), flightOut(1)]);
    });
  });
}

/** Every text of it is the id, and every filter one of the names. */
function unicode(id: string, names: readonly string[]): readonly SessionChange[] {
  return [
    { kind: "create", user: id },
    note(id),
    ...names.map((filter): SessionChange => ({ kind: "subscribe", filter, options: id })),
    ...names.map((filter, offset): SessionChange => ({ kind: "position", filter, epoch: id, offset })),
    { kind: "flight", flight: flightOut(1, { filter: id, epoch: id, messageId: id }) },
  ];
}
