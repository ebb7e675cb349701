import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { SessionChange } from "../../src/durable/session-store.ts";
import { errorName } from "../log/fixture.ts";
import { empty, flightIn, flightOut, loaded, turn } from "./fixture.ts";
import { TempStores } from "./temp-stores.ts";

const temp = new TempStores();
afterAll(() => temp.remove());

const CREATE: SessionChange = { kind: "create", user: undefined };
const note = (text: string): SessionChange => ({ kind: "note", text });

/**
 * Commits in the write-ahead log: its frames with a size of the database, https://www.sqlite.org/fileformat2.html#walformat.
 */
function commitsIn(path: string): number {
  const wal = readFileSync(`${path}-wal`);
  let commits = 0;
  for (let at = 32; at + 24 <= wal.length; at += 24 + 4096) if (wal.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}

/** A store that syncs when the test says so. */
async function slowSync() {
  const syncs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const path = temp.path();
  const syncOf = () => ({ run: () => new Promise<void>((resolve, reject) => void syncs.push({ resolve, reject })) });
  return { store: await temp.open({ path, durability: "power", syncOf }), syncs, path };
}

function rowsIn(path: string): Record<string, number> {
  const db = new Database(path, { readonly: true });
  const count = (table: string): number =>
    db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? -1;
  const found = Object.fromEntries(
    ["sessions", "subscriptions", "positions", "flights"].map((one) => [one, count(one)]),
  );
  db.close();
  return found;
}

describe("sqlite sessions", () => {
  test("DS30 the writes of one turn are one transaction", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    const before = commitsIn(path);
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.write(`s${n}`, [CREATE, note(`${round}`)])));
    expect(commitsIn(path) - before).toBe(3);
    // Called in microtasks of one turn, one after the other.
    const rest = (async () => {
      const writes: Promise<void>[] = [];
      for (let n = 0; n < 10; n++) {
        writes.push(store.write(`s${n}`, [note("later")]));
        await Promise.resolve();
      }
      await Promise.all(writes);
    })();
    await rest;
    expect(commitsIn(path) - before).toBe(4);
  });

  test("DS31 with power a write resolves and is loaded after its sync, and several share the next", async () => {
    const { store, syncs } = await slowSync();
    const told: string[] = [];
    const write = (text: string): Promise<unknown> => store.write("s", [note(text)]).then(() => told.push(text));
    const calls: Promise<unknown>[] = [store.write("s", [CREATE]).then(() => told.push("create"))];
    await turn();
    for (const text of ["1", "2", "3"]) {
      calls.push(write(text));
      await turn();
    }
    const found = store.load("s").then((session) => told.push(`loaded ${session?.note}`));
    await turn();
    expect([syncs.length, told]).toEqual([1, []]);
    syncs[0]?.resolve();
    await turn();
    expect([syncs.length, told]).toEqual([2, ["create"]]);
    syncs[1]?.resolve();
    await Promise.all([...calls, found]);
    expect([syncs.length, told]).toEqual([2, ["create", "1", "2", "3", "loaded 3"]]);
  });

  test("DS31 with process nothing waits for a sync", async () => {
    const syncOf = () => ({ run: () => Promise.reject(new Error("it must not be called")) });
    const store = await temp.open({ durability: "process", syncOf });
    await store.write("s", [CREATE]);
    expect(await store.load("s")).toEqual(empty());
  });

  test("DS32 after a failed sync every call is refused until the store is opened again", async () => {
    const { store, syncs, path } = await slowSync();
    const made = store.write("s", [CREATE]);
    await turn();
    syncs[0]?.resolve();
    await made;
    const first = errorName(store.write("s", [note("1")]));
    await turn();
    const second = errorName(store.write("s", [note("2")]));
    syncs[1]?.reject(new Error("EIO"));
    expect([await first, await second]).toEqual(["SessionsUnavailable", "SessionsUnavailable"]);
    const calls = [store.load("s"), store.write("s", [note("3")]), store.expired(1, 1), store.count(), store.probe()];
    for (const call of calls) expect(await errorName(call)).toBe("SessionsUnavailable");
    await store.close();
    const again = await temp.open({ path });
    expect((await again.load("s"))?.note).not.toBe("3");
  });

  test("DS12 DS33 a full file refuses a write whole and no other with it, still loads, and goes on when there is room", async () => {
    const path = temp.path();
    const store = await temp.open({ path, hardBytes: 1 << 20 });
    const before: readonly SessionChange[] = [
      { kind: "subscribe", filter: "a", options: "1" },
      { kind: "position", filter: "a", epoch: "e", offset: 1 },
      { kind: "flight", flight: flightIn(1) },
    ];
    await store.write("kept", [CREATE, ...before]);
    const kept = await loaded(store, "kept");
    for (let n = 0; n < 15; n++) await store.write(`large ${n}`, [CREATE, note("x".repeat(50_000))]);
    const large = (): Promise<void> =>
      store.write("kept", [
        { kind: "expires", at: 1 },
        { kind: "unsubscribe", filter: "a" },
        { kind: "landed", direction: "in", packet: 1 },
        { kind: "delete" },
        { kind: "create", user: "other" },
        note("y".repeat(500_000)),
      ]);
    const [neighbour, unseen, failed, found, count, ended] = await Promise.all([
      errorName(store.write("new", [CREATE])),
      store.load("new"),
      errorName(large()),
      loaded(store, "kept"),
      store.count(),
      store.expired(5, 5),
    ]);
    expect([neighbour, unseen, failed, found, count, ended]).toEqual([
      "no error",
      empty(),
      "SessionsUnavailable",
      kept,
      17,
      [],
    ]);
    await store.write("new", [{ kind: "delete" }]);
    await store.probe();
    for (let n = 0; n < 12; n++) await store.write(`large ${n}`, [{ kind: "delete" }]);
    await store.write("kept", [{ kind: "landed", direction: "in", packet: 1 }, note("y".repeat(500_000))]);
    expect(await store.load("kept")).toMatchObject({ flights: [], note: "y".repeat(500_000) });
    expect(await store.count()).toBe(4);
    await store.close();
    expect(await (await temp.open({ path })).count()).toBe(4);
  });

  test("DS12 a change that cannot be stored takes back its write, and no other of the turn", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    await store.write("s", [CREATE, note("before")]);
    const broken: SessionChange = { kind: "position", filter: "a", epoch: "e", offset: null as never };
    const results = await Promise.all([
      errorName(store.write("neighbour", [CREATE])),
      errorName(store.write("s", [note("after"), { kind: "subscribe", filter: "a", options: "1" }, broken])),
      errorName(store.write("s", [{ kind: "expires", at: 3 }])),
    ]);
    expect(results).toEqual(["no error", "SessionsUnavailable", "no error"]);
    expect(await store.load("s")).toEqual({ ...empty(), expires: 3, note: "before" });
    expect(await store.count()).toBe(2);
    await store.write("s", [note("later")]);
    await store.close();
    const again = await temp.open({ path });
    expect([await again.load("s"), await again.count()]).toEqual([{ ...empty(), expires: 3, note: "later" }, 2]);
  });

  test("DS15 close waits for the sync of what is under way", async () => {
    const warnings: string[] = [];
    let sync: (() => void) | undefined;
    const store = await temp.open({
      durability: "power",
      syncOf: () => ({ run: () => new Promise((resolve) => (sync = resolve)) }),
      // Without its worker nothing else holds up the close.
      checkpointWorker: "file:///none/worker.ts",
      warn: (text) => void warnings.push(text),
    });
    while (warnings.length === 0) await turn();
    const told: string[] = [];
    const calls = [
      store.write("s", [CREATE]).then(() => told.push("written")),
      store.close().then(() => told.push("closed")),
    ];
    for (let n = 0; n < 20; n++) await turn();
    expect(told).toEqual([]);
    sync?.();
    await Promise.all(calls);
    expect(told).toEqual(["written", "closed"]);
  });

  test.each(["process", "power"] as const)(
    "DS34 the write-ahead log of %s stays bounded under load",
    async (durability) => {
      const path = temp.path();
      const warnings = temp.warnings.length;
      const store = await temp.open({ path, durability, checkpoint: 1 << 19 });
      await Promise.all(Array.from({ length: 1000 }, (_, n) => store.write(`s${n}`, [CREATE, note("x".repeat(1000))])));
      let largest = 0;
      for (let round = 0; round < 100; round++) {
        const writes = Array.from({ length: 50 }, (_, n) =>
          store.write(`s${(n * 37 + round * 11) % 1000}`, [note(`${round}`.repeat(500))]),
        );
        await Promise.all(writes);
        largest = Math.max(largest, statSync(`${path}-wal`).size);
      }
      expect(largest).toBeGreaterThan(1 << 19);
      expect(largest).toBeLessThan(5 << 20);
      expect(temp.warnings.length).toBe(warnings);
      await store.close();
      expect(existsSync(`${path}-wal`)).toBe(false);
    },
  );

  test("DS36 of what is gone nothing stays in the file", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    const all: readonly SessionChange[] = [
      CREATE,
      { kind: "subscribe", filter: "a", options: "1" },
      { kind: "subscribe", filter: "b", options: "1" },
      { kind: "position", filter: "a", epoch: "e", offset: 1 },
      { kind: "position", filter: "a", epoch: "f", offset: 1 },
      { kind: "position", filter: "b", epoch: "f", offset: 1 },
      { kind: "flight", flight: flightOut(1) },
      { kind: "flight", flight: flightIn(1) },
    ];
    for (const id of ["kept", "deleted", "made anew", "emptied"]) await store.write(id, all);
    await store.write("deleted", [{ kind: "delete" }]);
    await store.write("made anew", [CREATE]);
    await store.write("emptied", [
      { kind: "unsubscribe", filter: "a" },
      { kind: "landed", direction: "out", packet: 1 },
    ]);
    expect(rowsIn(path)).toEqual({ sessions: 3, subscriptions: 3, positions: 4, flights: 3 });
  });

  test("DS37 what cannot be read is refused with the reason, at once and behind a write", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    await store.write("s", [CREATE]);
    const other = new Database(path);
    other.run("DROP TABLE flights");
    const refusal = (await store.load("s").catch((error: unknown) => error)) as Error;
    expect([refusal.name, refusal.message]).toEqual(["SessionsUnavailable", expect.stringContaining("flights")]);
    const [written, found, count] = await Promise.all([
      errorName(store.write("s", [note("1")])),
      errorName(store.load("s")),
      store.count(),
    ]);
    expect([written, found, count]).toEqual(["no error", "SessionsUnavailable", 1]);
    other.close();
    await store.probe();
  });
});
