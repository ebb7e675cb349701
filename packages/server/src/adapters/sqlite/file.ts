import { Database } from "bun:sqlite";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { FileKind } from "./kind.ts";
import { FileRefused, remedies } from "./refusal.ts";

/** Makes the file if there is none. A crash on the way leaves no half-made one: it gets its name when it is whole. */
export function ensureFile(kind: FileKind, path: string): void {
  if (existsSync(path) && statSync(path).size > 0) return;
  refuseOrphans(kind, path);
  const draft = `${path}.new`;
  for (const end of ["", "-journal"]) rmSync(draft + end, { force: true });
  writeDraft(kind, draft);
  syncPath(draft);
  renameSync(draft, path);
}

/** A write-ahead log without its database: SQLite would play it into the new file. */
function refuseOrphans(kind: FileKind, path: string): void {
  const wal = `${path}-wal`;
  if (!existsSync(wal) || statSync(wal).size === 0) return;
  const fault = `it is missing or empty, but ${wal} is there: the file was lost.`;
  throw new FileRefused(kind, path, { fault, remedy: remedies(kind).damaged });
}

function writeDraft(kind: FileKind, path: string): void {
  const db = new Database(path, { create: true, readwrite: true });
  try {
    db.transaction(() => {
      db.run(`PRAGMA application_id = ${kind.applicationId}`);
      db.run(`PRAGMA user_version = ${kind.version}`);
      db.run(kind.schema);
      kind.fill?.(db);
    })();
  } finally {
    db.close();
  }
}

/** Makes a new name in the directory, or the content of a file, outlive a loss of power. */
export function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Closes for good: a connection with statements that live would hold its files until they are collected. */
class ClosingDatabase extends Database {
  readonly #statements: { finalize(): void }[] = [];

  override prepare: Database["prepare"] = (sql, ...parameters) => {
    const statement = super.prepare(sql, ...parameters);
    this.#statements.push(statement);
    return statement as never;
  };

  override close(): void {
    for (const statement of this.#statements.splice(0)) statement.finalize();
    super.close(true);
  }
}

export function openDatabase(path: string): Database {
  const db = new ClosingDatabase(path, { readwrite: true });
  // Only an outside tool can hold a lock that a write must wait for, and then for a moment.
  db.run("PRAGMA busy_timeout = 2000");
  db.run("PRAGMA journal_mode = WAL");
  // NORMAL: a commit does not sync, a checkpoint does, before and after it copies (sync.ts says why that is enough).
  db.run("PRAGMA synchronous = NORMAL");
  // The checkpointer decides when.
  db.run("PRAGMA wal_autocheckpoint = 0");
  db.run("PRAGMA cache_size = -16000");
  return db;
}
