import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Payload, type Message } from "@tidegate/protocol";
import { openDatabase } from "../src/adapters/sqlite/file.ts";
import { Meta } from "../src/adapters/sqlite/meta.ts";
import { RowWriter } from "../src/adapters/sqlite/rows.ts";
import { SCHEMA } from "../src/adapters/sqlite/schema.ts";
import { TopicIndex } from "../src/adapters/sqlite/topic-index.ts";
import { quantile } from "./support/quantile.ts";

/**
 * What it costs SQLite that a topic's messages can be found, and removed: `bun packages/server/bench/sqlite-index.ts [messages] [rounds]`.
 *
 * A file has so many messages of 100 bytes, whose 100 topics take turns. 10,000 more are stored in commits of 100, without an index of
 * topics, with one of SQL's, which each commit brings up to date, and with the log's. Then all but the newest thousand of each topic
 * are removed, 1,000 in a commit, in two orders. The write-ahead log is not copied meanwhile: its size is what was written.
 */
const [messages = 400_000, rounds = 3] = process.argv.slice(2).map(Number);
const MORE = 10_000;
const TOPICS = 100;
const COMMIT = 100;
const KEPT = 1000;
const REMOVED = 1000;
const SQL_INDEX = "CREATE INDEX messages_by_topic ON messages (topic, offset)";

interface Figures {
  readonly count: number;
  readonly milliseconds: number;
  /** Written to the write-ahead log. */
  readonly bytes: number;
}

const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
const results = new Map<string, Figures[]>();
let files = 0;
try {
  for (let round = 0; round < rounds; round++) {
    timed("stored without an index", MORE, "", (db) => store(db, messages, MORE));
    timed("stored, with an index of SQL", MORE, SQL_INDEX, (db) => store(db, messages, MORE));
    timed("stored, with the log's index", MORE, "", (db) => storeIndexed(db, messages, MORE));
    timed("removed topic by topic", messages - TOPICS * KEPT, "", (db) => remove(db, byTopic()));
    timed("removed in the order of the log", messages - TOPICS * KEPT, "", (db) => remove(db, inOrder()));
  }
  print();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function timed(name: string, count: number, sql: string, work: (db: Database) => void): void {
  const path = filled(sql);
  const db = openDatabase(path);
  const start = performance.now();
  work(db);
  const milliseconds = performance.now() - start;
  const figures = { count, milliseconds, bytes: statSync(`${path}-wal`).size };
  results.set(name, [...(results.get(name) ?? []), figures]);
  db.close();
  rmSync(path);
}

/** A file as the log makes it, with the messages in it. */
function filled(sql: string): string {
  const path = join(directory, `${++files}.db`);
  const made = new Database(path, { create: true, readwrite: true });
  made.run(SCHEMA);
  if (sql !== "") made.run(sql);
  made.close();
  const db = openDatabase(path);
  store(db, 0, messages);
  new TopicIndex(db, new Meta(db)).write();
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  return path;
}

function store(db: Database, after: number, count: number, index?: TopicIndex): void {
  const rows = new RowWriter(db);
  const commit = db.transaction((first: number) => {
    index?.step();
    for (let n = first; n < first + COMMIT; n++) {
      const topicId = 1 + (n % TOPICS);
      rows.add(messageOf(n), { offset: n, previous: n - TOPICS, topicId, at: 1_700_000_000_000 });
      index?.add(topicId, n);
    }
    rows.flush();
  });
  for (let first = after + 1; first <= after + count; first += COMMIT) commit(first);
}

function storeIndexed(db: Database, after: number, count: number): void {
  store(db, after, count, new TopicIndex(db, new Meta(db)));
}

function inOrder(): readonly number[] {
  return Array.from({ length: messages - TOPICS * KEPT }, (_, i) => i + 1);
}

function byTopic(): readonly number[] {
  return inOrder().toSorted((a, b) => (a % TOPICS) - (b % TOPICS) || a - b);
}

function remove(db: Database, offsets: readonly number[]): void {
  const one = db.prepare<unknown, [number]>("DELETE FROM messages WHERE offset = ?");
  const commit = db.transaction((some: readonly number[]) => {
    for (const offset of some) one.run(offset);
  });
  for (let at = 0; at < offsets.length; at += REMOVED) commit(offsets.slice(at, at + REMOVED));
}

function print(): void {
  console.log("| | messages | µs each | seconds | MB of write-ahead log |\n|---|---|---|---|---|");
  for (const [name, all] of results) {
    const [{ count, bytes } = { count: 0, bytes: 0 }] = all;
    const time = quantile(
      all.map(({ milliseconds }) => milliseconds),
      0.5,
    );
    const figures = [count, ((time * 1000) / count).toFixed(1), (time / 1000).toFixed(2), (bytes / 1e6).toFixed(0)];
    console.log(`| ${[name, ...figures].join(" | ")} |`);
  }
}

function messageOf(n: number): Message {
  return {
    topic: `chat/room_${n % TOPICS}`,
    payload: Payload.json(`{"n":${n},"text":"${"x".repeat(80)}"}`),
    id: `message-${n}`,
    from: "somebody",
    time: 1_700_000_000_000,
    priority: 1,
    headers: undefined,
    retain: false,
    origin: "websocket",
  };
}
