import { describe, expect, test } from "bun:test";
import type { SessionChange, SessionClaim, SessionStore, StoredSession } from "../../../src/durable/session-store.ts";
import { errorName } from "../../log/fixture.ts";
import { empty, flightOut } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

const CREATE: SessionChange = { kind: "create", user: undefined };
const note = (text: string): SessionChange => ({ kind: "note", text });
const owner = (name: string | undefined): SessionChange => ({ kind: "owner", owner: name });

async function take(store: SessionStore, id: string, changes: readonly SessionChange[]): Promise<SessionClaim> {
  const { claim } = await store.claim(id, () => changes);
  if (claim === undefined) throw new Error("it was claimed");
  return claim;
}

export function claimContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: claims`, () => {
    test("DS50 a claim is told what is stored, and changes it at once", async () => {
      const store = await subject.open();
      const seen: (StoredSession | undefined)[] = [];
      const decide = (text: string) => (stored: StoredSession | undefined) => {
        seen.push(stored);
        return stored === undefined ? [CREATE, note(text)] : [note(text)];
      };
      expect((await store.claim("s", decide("1"))).stored).toBeUndefined();
      expect((await store.claim("s", decide("2"))).stored).toEqual({ ...empty(), note: "1" });
      expect(await store.load("s")).toEqual({ ...empty(), note: "2" });
      expect(seen.at(-1)?.note).toBe("1");
    });

    test("DS50 what decides for nothing leaves the session, and the claim that somebody has, as they are", async () => {
      const store = await subject.open();
      const first = await take(store, "s", [CREATE]);
      const { stored, claim } = await store.claim("s", () => undefined);
      expect([stored, claim]).toEqual([empty(), undefined]);
      await first.write([note("still there")]);
      expect((await store.load("s"))?.note).toBe("still there");
    });

    test("DS51 after a later claim, whatever it changed, the writes of the earlier one are refused and store nothing", async () => {
      const store = await subject.open();
      const first = await take(store, "s", [CREATE, note("first")]);
      await first.write([{ kind: "flight", flight: flightOut(1) }]);
      const second = await take(store, "s", []);
      expect(await errorName(first.write([note("late")]))).toBe("SessionTaken");
      expect(await errorName(first.write([CREATE]))).toBe("SessionTaken");
      await second.write([{ kind: "flight", flight: flightOut(2) }]);
      expect(await store.load("s")).toEqual({ ...empty(), note: "first", flights: [flightOut(1), flightOut(2)] });
      expect(second.number).toBeGreaterThan(first.number);
    });

    test("DS51 a write without a claim ends the one that there is", async () => {
      const store = await subject.open();
      const claim = await take(store, "s", [CREATE]);
      await store.write("s", [note("from elsewhere")]);
      expect(await errorName(claim.write([note("late")]))).toBe("SessionTaken");
      expect((await store.load("s"))?.note).toBe("from elsewhere");
    });

    test("DS51 a session that was deleted and made anew by somebody else is no longer the earlier claim's", async () => {
      const store = await subject.open();
      const claim = await take(store, "s", [CREATE]);
      await store.write("s", [{ kind: "delete" }]);
      await store.write("s", [{ kind: "create", user: "ann" }]);
      expect(await errorName(claim.write([note("late")]))).toBe("SessionTaken");
      expect(await store.load("s")).toEqual(empty("ann"));
    });

    test("DS51 of claims that are made at once one is left", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE]);
      const claims = await Promise.all(Array.from({ length: 5 }, () => take(store, "s", [])));
      const results = await Promise.all(claims.map((claim, n) => errorName(claim.write([note(`${n}`)]))));
      expect(results.filter((one) => one === "SessionTaken")).toHaveLength(4);
      const newest = claims.reduce((a, b) => (a.number > b.number ? a : b));
      expect(results[claims.indexOf(newest)]).not.toBe("SessionTaken");
      expect((await store.load("s"))?.note).toBe(`${claims.indexOf(newest)}`);
    });

    test("DS52 the writes of a claim take effect in their order, also those under way together", async () => {
      const store = await subject.open();
      const claim = await take(store, "s", [CREATE]);
      const done: number[] = [];
      const numbers = Array.from({ length: 40 }, (_, n) => n);
      await Promise.all(
        numbers.map(async (n) => {
          await claim.write([note(`${n}`), { kind: "flight", flight: flightOut(n + 1) }]);
          done.push(n);
        }),
      );
      expect(done).toEqual(numbers);
      const stored = await store.load("s");
      expect([stored?.note, stored?.flights.map(({ packet }) => packet)]).toEqual(["39", numbers.map((n) => n + 1)]);
    });

    test("DS52 a claim that is released writes no more; what it wrote before is stored", async () => {
      const store = await subject.open();
      const claim = await take(store, "s", [CREATE]);
      const last = claim.write([note("last")]);
      claim.release();
      await last;
      expect(await errorName(claim.write([note("late")]))).toBe("SessionTaken");
      expect((await store.load("s"))?.note).toBe("last");
      await (await take(store, "s", [])).write([note("next")]);
      expect((await store.load("s"))?.note).toBe("next");
    });

    test("DS52 a claim's session may be deleted and made again by it", async () => {
      const store = await subject.open();
      const claim = await take(store, "s", [CREATE, note("1")]);
      await claim.write([{ kind: "delete" }]);
      expect([await store.load("s"), await store.count()]).toEqual([undefined, 0]);
      await claim.write([note("ignored")]);
      await claim.write([{ kind: "create", user: "ann" }, note("2")]);
      expect(await store.load("s")).toEqual({ ...empty("ann"), note: "2" });
    });

    test("DS53 strays are the sessions whose owner is none of those named", async () => {
      const store = await subject.open();
      for (const [id, who] of Object.entries({ a: "n1", b: "n2", c: "n3", d: undefined, e: "n2" }))
        await take(store, id, [CREATE, owner(who)]);
      const strays = async (...names: string[]): Promise<readonly string[]> =>
        (await store.strays(names, 100)).map(({ id, owner: who }) => `${id} ${who}`).toSorted();
      expect(await strays("n1", "n3")).toEqual(["b n2", "e n2"]);
      expect(await strays()).toEqual(["a n1", "b n2", "c n3", "e n2"]);
      expect(await store.strays([], 2)).toHaveLength(2);
      expect((await store.load("b"))?.owner).toBe("n2");
      await store.write("b", [owner(undefined)]);
      await store.write("e", [{ kind: "delete" }]);
      expect(await strays("n1", "n3")).toEqual([]);
      expect((await store.load("b"))?.owner).toBeUndefined();
    });
  });
}
