import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { TempLogs } from "../log/temp-logs.ts";
import { editDatabase } from "../support/edit-database.ts";
import { flightOut } from "./fixture.ts";
import { TempStores } from "./temp-stores.ts";

const temp = new TempStores();
const logs = new TempLogs();
afterAll(async () => {
  await temp.remove();
  await logs.remove();
});

/** A closed store of some hundred pages. */
async function filled(): Promise<string> {
  const path = temp.path();
  const store = await temp.open({ path });
  const writes = Array.from({ length: 2000 }, (_, n) =>
    store.write(`session ${n}`, [
      { kind: "create", user: "ann" },
      { kind: "note", text: "x".repeat(200) },
      { kind: "subscribe", filter: "a/#", options: "{}" },
      { kind: "position", filter: "a/#", epoch: "e1", offset: n },
      { kind: "flight", flight: flightOut(1) },
    ]),
  );
  await Promise.all(writes);
  await store.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  return path;
}

/** The refusal's text; fails if the store opens, or if the refusal changed the file. */
async function refusal(path: string, options = {}): Promise<string> {
  const content = (): string => (existsSync(path) ? readFileSync(path).toString("latin1") : "");
  const before = content();
  const error: unknown = await temp.open({ path, ...options }).then(
    () => "it opened",
    (reason: unknown) => reason,
  );
  expect(error).toHaveProperty("name", "SessionFileRefused");
  const { message: text } = error as Error;
  expect(text).toStartWith(`the sessions file ${path} was not opened: `);
  expect(content()).toBe(before);
  return text;
}

function overwrite(path: string, at: number, count: number): void {
  const content = readFileSync(path);
  content.set(
    new Uint8Array(count).map((_, i) => (i * 131 + 7) % 256),
    at,
  );
  writeFileSync(path, content);
}

describe("sqlite sessions: the file", () => {
  test("DS40 a file whose header is damaged is refused, with what to do and what is lost by it", async () => {
    const path = await filled();
    overwrite(path, 0, 64);
    expect(await refusal(path)).toMatch(/first page is damaged.*backup.*clients then begin anew/);
  });

  test.each([0.3, 0.5, 0.9])("DS40 a file with a damaged page at %d of its length is refused", async (part) => {
    const path = await filled();
    overwrite(path, Math.floor((statSync(path).size / 4096) * part) * 4096, 4096);
    expect(await refusal(path)).toMatch(/is damaged.*backup/);
  });

  test.each([0.2, 0.7])("DS40 a file that is cut off at %d of its length is refused", async (part) => {
    const path = await filled();
    truncateSync(path, Math.floor((statSync(path).size / 4096) * part) * 4096);
    expect(await refusal(path)).toMatch(/is damaged.*backup/);
  });

  test.each([
    ["subscriptions", "DELETE FROM sessions WHERE key = 7", /subscriptions belongs to sessions 7,/],
    ["positions", "DELETE FROM subscriptions WHERE id = 8", /positions belongs to subscriptions 8,/],
    ["flights", "UPDATE flights SET session = 5000 WHERE session = 9", /flights belongs to sessions 5000,/],
  ])("DS40 %s that belong to nobody are refused", async (_, sql, expected) => {
    const path = await filled();
    editDatabase(path, sql);
    expect(await refusal(path)).toMatch(expected);
  });

  test("DS40 of a file above the bound the sessions are checked, and not what belongs to them", async () => {
    const path = await filled();
    editDatabase(path, "DELETE FROM sessions WHERE key = 7");
    await (await temp.open({ path, wholeCheckBytes: 1000 })).close();
    const { rootpage } = pageOf(path, "sessions");
    overwrite(path, (rootpage - 1) * 4096, 4096);
    expect(await refusal(path, { wholeCheckBytes: 1000 })).toMatch(/is damaged/);
  });

  test("DS41 what is not sessions is refused: a text, another program's database, the log, a later version", async () => {
    const text = temp.path();
    writeFileSync(text, "some notes that somebody took, longer than a hundred characters, so that a header ".repeat(2));
    expect(await refusal(text)).toMatch(/not an SQLite database/);
    const other = temp.path();
    const db = new Database(other, { create: true });
    db.run("CREATE TABLE t (x)");
    db.close();
    expect(await refusal(other)).toMatch(/another program.*Set another path for the sessions/);
    const log = logs.path();
    await (await logs.open({ path: log })).close();
    expect(await refusal(log)).toMatch(/another file of Tidegate's.*Set another path for the sessions/);
    const newer = await filled();
    editDatabase(newer, "PRAGMA user_version = 3");
    expect(await refusal(newer)).toMatch(/format 3.*version/);
  });

  test("DS44 a file of the first version, which knew no owners, is converted and keeps what it has", async () => {
    const path = await filled();
    editDatabase(path, "DROP INDEX sessions_by_owner");
    editDatabase(path, "ALTER TABLE sessions DROP COLUMN owner");
    editDatabase(path, "PRAGMA user_version = 1");
    for (let opened = 0; opened < 2; opened++) {
      const store = await temp.open({ path });
      expect(await store.count()).toBe(2000);
      const id = "session 7";
      await store.write(id, [{ kind: "owner", owner: `n${opened}` }]);
      expect(await store.strays([], 10)).toEqual([{ id, owner: `n${opened}` }]);
      await store.close();
    }
  });

  test("DS42 a missing file beside its write-ahead log is refused, not made anew", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    await store.write("s", [{ kind: "create", user: undefined }]);
    const copy = temp.path();
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    expect(await refusal(copy)).toMatch(/missing or empty/);
    writeFileSync(copy, "");
    expect(await refusal(copy)).toMatch(/missing or empty/);
  });

  test("DS43 a second opening is refused while the first lives", async () => {
    const path = temp.path();
    const store = await temp.open({ path });
    expect(await refusal(path)).toMatch(/another process has it open/);
    await store.write("s", [{ kind: "create", user: undefined }]);
    await store.close();
    const again = await temp.open({ path });
    expect(await again.count()).toBe(1);
  });
});

function pageOf(path: string, table: string): { readonly rootpage: number } {
  const db = new Database(path, { readonly: true });
  const sql = "SELECT rootpage FROM sqlite_master WHERE name = ?";
  const found = db.query<{ rootpage: number }, [string]>(sql).get(table);
  db.close();
  if (found === null) throw new Error(`no table ${table}`);
  return found;
}
