import type { Database } from "bun:sqlite";
import { fdatasyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../clock.ts";
import { IdWindow } from "../../log/id-window.ts";
import { LogUnavailable, type RetentionOf } from "../../log/log.ts";
import { systemBootId } from "./boot.ts";
import { checkContent, checkHeader, damaged } from "./check.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Committer } from "./committer.ts";
import { ensureFile, openDatabase, syncPath } from "./file.ts";
import { lockFile, type FileLock } from "./lock.ts";
import { Meta } from "./meta.ts";
import { Reader } from "./reader.ts";
import { LogFileRefused } from "./refusal.ts";
import { newestOffset, noteOpening, rebuildIds } from "./start.ts";
import { WalSync } from "./sync.ts";
import { TopicIndex } from "./topic-index.ts";
import { Topics } from "./topics.ts";
import { Trimmer } from "./trimmer.ts";
import { Writer } from "./writer.ts";

export interface SqliteLogOptions {
  /** Of the database file; `-wal`, `-shm` and `.lock` are put beside it. */
  readonly path: string;
  readonly durability: "process" | "power";
  readonly clock: Clock;
  /** Makes the epoch of a new log. */
  readonly randomId: () => string;
  readonly retention: RetentionOf;
  /** Bytes of the file that a trim goes back to; the oldest messages go. */
  readonly maxBytes: number;
  /** Bytes at which the file refuses appends until a trim made room. Default: none. */
  readonly hardBytes?: number;
  /** Told what an operator should know. */
  readonly warn: (message: string) => void;
  /** Message ids held in memory at most (about 150 bytes each). */
  readonly maxIds?: number;
  /** Topics without messages whose place in the log is remembered. */
  readonly maxIdleTopics?: number;
  /** Largest file that is checked whole at start: 256 MB take about a second. */
  readonly wholeCheckBytes?: number;
  /** Bytes of the write-ahead log at which it is copied into the file; at four times that, commits wait for it. */
  readonly checkpoint?: number;
  /** Address of checkpoint-worker.ts where it is not beside this file, as in a single-file executable. */
  readonly checkpointWorker?: string;
  /** Identity of this run of the machine. */
  readonly bootId?: string;
}

/** What a log is made of. */
export interface Parts {
  readonly db: Database;
  readonly epoch: string;
  readonly lock: FileLock;
  readonly walFd: number;
  readonly committer: Committer;
  readonly checkpointer: Checkpointer;
  readonly reader: Reader;
  readonly trimmer: Trimmer;
  /** What is set before closing, so that a trim under way ends at its next step. */
  readonly state: { closing: boolean };
  readonly closeFile: (clean: boolean) => void;
}

const MEGABYTE = 1 << 20;

export function openParts(options: SqliteLogOptions): Parts {
  const { path } = options;
  mkdirSync(dirname(path), { recursive: true });
  const lock = lockFile(path);
  let db: Database | undefined;
  try {
    ensureFile(path, options.randomId);
    checkHeader(path);
    db = openDatabase(path);
    checkContent(db, path, options.wholeCheckBytes ?? 256 * MEGABYTE);
    return assemble(db, lock, options);
  } catch (error) {
    db?.close();
    lock.release();
    throw isCorruption(error) ? damaged(path, (error as Error).message, error) : error;
  }
}

function assemble(db: Database, lock: FileLock, options: SqliteLogOptions): Parts {
  const { path, durability, clock, retention } = options;
  const meta = new Meta(db);
  const boot = options.bootId ?? systemBootId();
  const head = db.transaction(() => noteOpening(meta, newestOffset(db, meta), { durability, boot }))();
  const walFd = syncOpening(path);
  limitPages(db, options.hardBytes);
  const ids = new IdWindow(options.maxIds ?? 1_000_000);
  rebuildIds(db, ids, clock.now(), { retention, most: options.maxIds ?? 1_000_000 });
  const index = new TopicIndex(db, meta);
  const topics = new Topics(db, index, meta.number("forgotten"));
  const writer = new Writer({ db, clock, retention, ids, topics, index, head });
  const checkpointer = new Checkpointer(db, {
    path,
    warn: options.warn,
    workerUrl: options.checkpointWorker,
    softBytes: options.checkpoint ?? 16 * MEGABYTE,
    hardBytes: 4 * (options.checkpoint ?? 16 * MEGABYTE),
  });
  const sync = durability === "power" ? new WalSync(walFd) : undefined;
  const committer = new Committer({ writer, checkpointer, sync });
  const reader = new Reader({ db, clock, topics, index, lost: meta.number("lost"), head: () => committer.head });
  const state = { closing: false };
  const transact = transactor({ db, checkpointer, isClosed: () => state.closing, hardBytes: options.hardBytes }, () => {
    index.reload();
    topics.dropCache();
    topics.forgotten = meta.number("forgotten");
  });
  const trimmer = new Trimmer({
    db,
    clock,
    retention,
    meta,
    topics,
    index,
    maxBytes: options.maxBytes,
    maxIdleTopics: options.maxIdleTopics ?? 100_000,
    transact,
  });
  const closeFile = (clean: boolean): void => {
    if (clean) meta.set("clean", 1);
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
  };
  return { db, epoch: meta.text("epoch"), lock, walFd, committer, checkpointer, reader, trimmer, state, closeFile };
}

/** That the file is open must be on the disk before the first message is; so must the names in its directory. */
function syncOpening(path: string): number {
  const walFd = openSync(`${path}-wal`, "r+");
  fdatasyncSync(walFd);
  syncPath(dirname(path));
  return walFd;
}

/** Lets the file grow to its bound, and while a trim runs a little further: to remove, the index must be written. */
function limitPages(db: Database, hardBytes: number | undefined): void {
  if (hardBytes !== undefined) db.run(`PRAGMA max_page_count = ${Math.ceil(hardBytes / 4096)}`);
}

const TRIM_RESERVE = 16 * MEGABYTE;

interface TransactorParts {
  readonly db: Database;
  readonly checkpointer: Checkpointer;
  readonly isClosed: () => boolean;
  readonly hardBytes: number | undefined;
}

/** Runs a task in a transaction when commits are allowed. `takenBack` follows a failure. */
function transactor({ db, checkpointer, isClosed, hardBytes }: TransactorParts, takenBack: () => void) {
  return async <T>(task: () => T): Promise<T> => {
    while (checkpointer.held !== undefined) await checkpointer.held;
    if (isClosed()) throw new LogUnavailable("the log is closed");
    try {
      if (hardBytes !== undefined) limitPages(db, hardBytes + TRIM_RESERVE);
      return db.transaction(task).immediate();
    } catch (error) {
      takenBack();
      throw new LogUnavailable(`the log was not trimmed: ${(error as Error).message}`, { cause: error });
    } finally {
      limitPages(db, hardBytes);
      checkpointer.committed(0);
    }
  };
}

function isCorruption(error: unknown): boolean {
  if (error instanceof LogFileRefused) return false;
  const code = (error as { code?: string }).code ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB");
}
