import { afterAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { editDatabase } from "../support/edit-database.ts";
import { message, numbered, readAll, texts } from "./fixture.ts";
import { TempLogs } from "./temp-logs.ts";

const temp = new TempLogs();
afterAll(() => temp.remove());

/** A closed log of some hundred pages. */
async function filled(): Promise<string> {
  const path = temp.path();
  const log = await temp.open({ path });
  for (let i = 0; i < 10; i++) await log.append(numbered("a", 300).map((one) => ({ ...one, from: "x".repeat(100) })));
  await log.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  return path;
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const content = readFileSync(path);
  content.set(bytes, at);
  writeFileSync(path, content);
}

/** The refusal's text; fails if the log opens, or if the refusal changed the file. */
async function refusal(path: string, options = {}): Promise<string> {
  const before = existsSync(path) ? readFileSync(path).toString("latin1") : "";
  const error: unknown = await temp.open({ path, ...options }).then(
    () => "it opened",
    (reason: unknown) => reason,
  );
  expect(error).toHaveProperty("name", "LogFileRefused");
  const { message: text } = error as Error;
  expect(text).toContain(path);
  expect(existsSync(path) ? readFileSync(path).toString("latin1") : "").toBe(before);
  return text;
}

const garbage = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 131 + 7) % 256);

describe("sqlite log: its file", () => {
  test("L60 a file whose header is damaged is refused", async () => {
    const path = await filled();
    overwrite(path, 0, garbage(64));
    expect(await refusal(path)).toMatch(/first page is damaged.*backup/);
  });

  test.each([0.3, 0.5, 0.9])("L60 a file with a damaged page at %d of its length is refused", async (part) => {
    const path = await filled();
    const pages = statSync(path).size / 4096;
    overwrite(path, Math.floor(pages * part) * 4096, garbage(4096));
    expect(await refusal(path)).toMatch(/is damaged.*backup/);
  });

  test.each([0.2, 0.7])("L60 a file that is cut off at %d of its length is refused", async (part) => {
    const path = await filled();
    truncateSync(path, Math.floor((statSync(path).size / 4096) * part) * 4096);
    expect(await refusal(path)).toMatch(/is damaged.*backup/);
  });

  test("L60 a chain that does not hold is refused", async () => {
    const path = await filled();
    editDatabase(path, "UPDATE messages SET previous = 5 WHERE offset = 2900");
    expect(await refusal(path)).toMatch(/message 2900 names 5/);
    editDatabase(path, "UPDATE messages SET previous = 2899 WHERE offset = 2900");
    editDatabase(path, "UPDATE messages SET topic = 77 WHERE offset = 2900");
    expect(await refusal(path)).toMatch(/message 2900 belongs to no topic/);
  });

  test("L60 of a file larger than the bound the tables and the newest messages are checked", async () => {
    const path = await filled();
    editDatabase(path, "UPDATE messages SET previous = 5 WHERE offset = 2900");
    expect(await refusal(path, { wholeCheckBytes: 1000 })).toMatch(/message 2900 names 5/);
  });

  test("L61 what is not a log is refused: a text, another program's database, a later version", async () => {
    const text = temp.path();
    writeFileSync(
      text,
      "some notes that somebody took, longer than a hundred characters, so that a header would fit in it\n",
    );
    expect(await refusal(text)).toMatch(/not an SQLite database/);
    const other = temp.path();
    const db = new Database(other, { create: true });
    db.run("CREATE TABLE t (x)");
    db.close();
    expect(await refusal(other)).toMatch(/another program.*another path/);
    const newer = await filled();
    editDatabase(newer, "PRAGMA user_version = 2");
    expect(await refusal(newer)).toMatch(/format 2.*version/);
  });

  test("L62 a missing file beside its write-ahead log is refused, not made anew", async () => {
    const path = temp.path();
    const log = await temp.open({ path });
    await log.append([message("a", "1")]);
    const copy = temp.path();
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    expect(await refusal(copy)).toMatch(/missing or empty/);
  });

  test("L63 a second opening of the same log is refused while the first lives", async () => {
    const path = temp.path();
    const log = await temp.open({ path });
    expect(await refusal(path)).toMatch(/another process has it open/);
    await log.append([message("a", "1")]);
    await log.close();
    const again = await temp.open({ path });
    expect(texts((await readAll(again, "a")).messages)).toEqual(["1"]);
  });

  test("L60 a log that was not closed opens with everything in it", async () => {
    const path = temp.path();
    const log = await temp.open({ path });
    for (let i = 0; i < 3; i++) await log.append(numbered("a", 2000, i * 2000 + 1));
    const copy = copyOpen(path);
    const reopened = await temp.open({ path: copy });
    expect(reopened.head()).toBe(6000);
    expect((await readAll(reopened, "a", 1000)).messages.length).toBe(6000);
    expect((await reopened.latest({ topic: "a", limit: 5000 })).messages.length).toBe(5000);
  });

  test("L64 after a loss of power offsets go far on, and older positions are not called complete", async () => {
    const path = temp.path();
    const log = await temp.open({ path, bootId: "monday" });
    await log.append(numbered("a", 3));
    const sameBoot = await temp.open({ path: copyOpen(path), bootId: "monday" });
    expect(sameBoot.head()).toBe(3);
    const nextBoot = await temp.open({ path: copyOpen(path), bootId: "tuesday" });
    expect(nextBoot.head()).toBeGreaterThan(1_000_000);
    expect(await nextBoot.read({ filter: "a", after: 3, limit: 9 })).toMatchObject({ complete: false });
    expect(await nextBoot.read({ filter: "#", after: 3, limit: 9 })).toMatchObject({ complete: false });
    expect((await nextBoot.latest({ topic: "a", limit: 2 })).complete).toBe(false);
    const [next] = await nextBoot.append([message("a", "4")]);
    expect(next?.stored.previous).toBe(3);
    const after = (next?.stored.offset ?? 0) - 1;
    expect(await nextBoot.read({ filter: "a", after, limit: 9 })).toMatchObject({ complete: true });
    expect((await nextBoot.latest({ topic: "a", limit: 1 })).complete).toBe(true);
  });

  test("L64 neither an orderly close nor a log that syncs leaves anything in doubt", async () => {
    const closed = temp.path();
    const log = await temp.open({ path: closed, bootId: "monday" });
    await log.append(numbered("a", 3));
    await log.close();
    expect((await temp.open({ path: closed, bootId: "tuesday" })).head()).toBe(3);
    const synced = temp.path();
    const power = await temp.open({ path: synced, bootId: "monday", durability: "power" });
    await power.append(numbered("a", 3));
    const copy = await temp.open({ path: copyOpen(synced), bootId: "tuesday", durability: "power" });
    expect(copy.head()).toBe(3);
  });
});

/** What a crash would leave: the database and its write-ahead log, as they are now. */
function copyOpen(path: string): string {
  const copy = temp.path();
  for (const end of ["", "-wal"]) copyFileSync(path + end, copy + end);
  return copy;
}
