import type { Database } from "bun:sqlite";
import { fdatasyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { checkContent, checkHeader } from "./check.ts";
import type { CheckpointerOptions } from "./checkpointer.ts";
import { ensureFile, openDatabase, syncPath } from "./file.ts";
import type { FileKind } from "./kind.ts";
import { lockFile, type FileLock } from "./lock.ts";
import { damaged, FileRefused } from "./refusal.ts";

/** What is set for every kind of file. */
export interface FileOptions {
  /** Of the database file; `-wal`, `-shm` and `.lock` are put beside it. */
  readonly path: string;
  /** Bytes at which the file takes no more until there is room in it again. Default: none. */
  readonly hardBytes?: number;
  /** Told what an operator should know. */
  readonly warn: (message: string) => void;
  /** Largest file that is checked whole at start: half a second or so (bench/sqlite-open.ts). */
  readonly wholeCheckBytes?: number;
  /** Bytes of the write-ahead log at which it is copied into the file; at four times that, commits wait for it. */
  readonly checkpoint?: number;
  /** Address of checkpoint-worker.ts where it is not beside this file, as in a single-file executable. */
  readonly checkpointWorker?: string;
}

const MEGABYTE = 1 << 20;

/** Locks the file, makes it if there is none, checks it, and has the rest made; what fails leaves nothing open. */
export function openFile<T>(kind: FileKind, options: FileOptions, assemble: (db: Database, lock: FileLock) => T): T {
  const { path } = options;
  mkdirSync(dirname(path), { recursive: true });
  const lock = lockFile(kind, path);
  let db: Database | undefined;
  try {
    ensureFile(kind, path);
    checkHeader(kind, path);
    db = openDatabase(path);
    checkContent(db, kind, path, options.wholeCheckBytes ?? 256 * MEGABYTE);
    convert(db, kind);
    return assemble(db, lock);
  } catch (error) {
    db?.close();
    lock.release();
    throw isCorruption(error) ? damaged(kind, path, (error as Error).message, error) : error;
  }
}

/** All or nothing: a crash on the way leaves the file as it was. */
function convert(db: Database, kind: FileKind): void {
  const found = db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version;
  if (found === kind.version) return;
  db.transaction(() => {
    kind.convert?.(db);
    db.run(`PRAGMA user_version = ${kind.version}`);
  })();
}

export function checkpointing({ path, warn, checkpointWorker, checkpoint }: FileOptions): CheckpointerOptions {
  const softBytes = checkpoint ?? 16 * MEGABYTE;
  return { path, warn, workerUrl: checkpointWorker, softBytes, hardBytes: 4 * softBytes };
}

/**
 * That the file is open must be on the disk before the first commit is; so must the names in its directory. Returns the
 * descriptor through which commits are synced.
 */
export function syncOpening(path: string): number {
  const walFd = openSync(`${path}-wal`, "r+");
  fdatasyncSync(walFd);
  syncPath(dirname(path));
  return walFd;
}

/** Leaves no write-ahead log behind, unless the disk is full: then the next opening reads it. */
export function closeDatabase(db: Database, { path, warn }: Pick<FileOptions, "path" | "warn">): void {
  try {
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    warn(`${path}: ${path}-wal stays beside it, and is needed to open it: ${(error as Error).message}`);
  }
  db.close();
}

function isCorruption(error: unknown): boolean {
  if (error instanceof FileRefused) return false;
  const code = (error as { code?: string }).code ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB");
}
