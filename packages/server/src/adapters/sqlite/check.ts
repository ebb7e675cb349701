import type { Database } from "bun:sqlite";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { LogFileRefused, REMEDY } from "./refusal.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";

const MAGIC = "SQLite format 3\0";

/** Before SQLite touches it: is it one of ours? Only the first bytes are read, while nothing has the file open. */
export function checkHeader(path: string): void {
  const header = firstBytes(path, 100);
  if (header.toString("latin1", 0, 16) !== MAGIC)
    throw new LogFileRefused(path, "it is not an SQLite database, or its first page is damaged.", REMEDY.damaged);
  const application = header.readUInt32BE(68);
  if (application !== APPLICATION_ID)
    throw new LogFileRefused(path, "it is an SQLite database of another program.", REMEDY.foreign);
  const version = header.readUInt32BE(60);
  if (version > SCHEMA_VERSION)
    throw new LogFileRefused(path, `it has format ${version}; this program knows ${SCHEMA_VERSION}.`, REMEDY.newer);
}

/**
 * Looks for damage: the whole file up to `wholeBytes`; of a larger one, which would take more than some seconds, the
 * small tables and the newest messages. Damage inside a payload changes no structure and is not seen.
 */
export function checkContent(db: Database, path: string, wholeBytes: number): void {
  try {
    const whole = statSync(path).size <= wholeBytes;
    for (const table of whole ? [""] : ["(meta)", "(topics)"]) quickCheck(db, path, table);
    checkChain(db, path);
  } catch (error) {
    if (error instanceof LogFileRefused) throw error;
    throw damaged(path, (error as Error).message, error);
  }
}

/** What SQLite says of a file that it cannot read becomes a refusal that names the file. */
export function damaged(path: string, detail: string, cause?: unknown): LogFileRefused {
  return new LogFileRefused(path, `it is damaged (${detail}).`, REMEDY.damaged, { cause });
}

function quickCheck(db: Database, path: string, table: string): void {
  const found = db.query<{ quick_check: string }, []>(`PRAGMA quick_check${table}`).all();
  const faults = found.map((row) => row.quick_check).filter((fault) => fault !== "ok");
  if (faults.length > 0) throw damaged(path, faults.slice(0, 3).join("; ").replaceAll("\n", " "));
}

/** Among the newest messages each must name its predecessor, and a topic that exists. */
function checkChain(db: Database, path: string): void {
  const rows = db
    .query<{ offset: number; previous: number; topic: number; floor: number | null }, [number]>(
      `SELECT m.offset, m.previous, m.topic, t.floor FROM messages m LEFT JOIN topics t ON t.id = m.topic
       ORDER BY m.offset DESC LIMIT ?`,
    )
    .all(CHAIN_ROWS);
  const heads = new Map<number, number>();
  for (const { offset, previous, topic, floor } of rows.toReversed()) {
    if (floor === null) throw damaged(path, `the message ${offset} belongs to no topic`);
    const expected = heads.get(topic);
    const broken = previous >= offset || (offset > floor && expected !== undefined && previous !== expected);
    if (broken) throw damaged(path, `the message ${offset} names ${previous} as the one before it`);
    if (offset > floor) heads.set(topic, offset);
  }
}

/** About 10 ms. */
const CHAIN_ROWS = 10_000;

function firstBytes(path: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const fd = openSync(path, "r");
  try {
    readSync(fd, bytes, 0, count, 0);
  } finally {
    closeSync(fd);
  }
  return bytes;
}
