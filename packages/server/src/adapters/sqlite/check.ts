import type { Database } from "bun:sqlite";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { FileKind } from "./kind.ts";
import { damaged, FileRefused, remedies } from "./refusal.ts";

const MAGIC = "SQLite format 3\0";

/** Before SQLite touches it: is it one of ours? Only the first bytes are read, while nothing has the file open. */
export function checkHeader(kind: FileKind, path: string): void {
  const header = firstBytes(path, 100);
  const remedy = remedies(kind);
  const refuse = (fault: string, what: string): never => {
    throw new FileRefused(kind, path, { fault, remedy: what });
  };
  if (header.toString("latin1", 0, 16) !== MAGIC)
    refuse("it is not an SQLite database, or its first page is damaged.", remedy.damaged);
  if (header.readUInt32BE(68) !== kind.applicationId)
    refuse("it is an SQLite database of another program, or another file of Tidegate's.", remedy.foreign);
  const version = header.readUInt32BE(60);
  if (version > kind.version) refuse(`it has format ${version}; this program knows ${kind.version}.`, remedy.newer);
}

/**
 * Looks for damage: the whole file up to `wholeBytes`; of a larger one, which would take more than some seconds, the
 * small tables and what its kind looks at. Damage inside a payload changes no structure and is not seen.
 */
export function checkContent(db: Database, kind: FileKind, path: string, wholeBytes: number): void {
  try {
    const whole = statSync(path).size <= wholeBytes;
    for (const table of whole ? [""] : kind.smallTables.map((name) => `(${name})`)) quickCheck(db, table);
    const fault = kind.fault?.(db, whole);
    if (fault !== undefined) throw new Error(fault);
  } catch (error) {
    throw damaged(kind, path, (error as Error).message, error);
  }
}

function quickCheck(db: Database, table: string): void {
  const found = db.query<{ quick_check: string }, []>(`PRAGMA quick_check${table}`).all();
  const faults = found.map((row) => row.quick_check).filter((fault) => fault !== "ok");
  if (faults.length > 0) throw new Error(faults.slice(0, 3).join("; ").replaceAll("\n", " "));
}

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
