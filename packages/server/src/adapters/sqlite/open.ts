import type { Database } from "bun:sqlite";
import type { Clock } from "../../clock.ts";
import { IdWindow } from "../../log/id-window.ts";
import type { RetentionOf } from "../../log/log.ts";
import { systemBootId } from "./boot.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Committer } from "./committer.ts";
import type { FileLock } from "./lock.ts";
import { logFile } from "./log-file.ts";
import { Meta } from "./meta.ts";
import { checkpointing, closeDatabase, openFile, syncOpening, type FileOptions } from "./opening.ts";
import { Reader } from "./reader.ts";
import { RECENT, Recent, type RecentBounds } from "../../log/recent.ts";
import { newestOffset, noteOpening, rebuildIds } from "./start.ts";
import { WalSync } from "./sync.ts";
import { TopicIndex } from "./topic-index.ts";
import { Topics } from "./topics.ts";
import { limitPages, transactor } from "./transact.ts";
import { Trimmer } from "./trimmer.ts";
import { Writer } from "./writer.ts";

export interface SqliteLogOptions extends FileOptions {
  readonly durability: "process" | "power";
  readonly clock: Clock;
  /** Makes the epoch of a new log. */
  readonly randomId: () => string;
  readonly retention: RetentionOf;
  /** Bytes of the file that a trim goes back to; the oldest messages go. */
  readonly maxBytes: number;
  /** Message ids held in memory at most (about 200 bytes each: bench/held.ts, bench/sqlite-open.ts). */
  readonly maxIds?: number;
  /** Topics without messages whose place in the log is remembered. */
  readonly maxIdleTopics?: number;
  /** What of the newest messages is held in memory. */
  readonly recent?: RecentBounds;
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

export function openParts(options: SqliteLogOptions): Parts {
  return openFile(logFile(options.randomId), options, (db, lock) => assemble(db, lock, options));
}

function assemble(db: Database, lock: FileLock, options: SqliteLogOptions): Parts {
  const { path, durability, clock } = options;
  const meta = new Meta(db);
  const head = noteInFile(db, meta, options);
  const walFd = syncOpening(path);
  limitPages(db, options.hardBytes);
  const memory = readMemory(db, meta, options);
  const writer = new Writer({ ...memory, db, clock, retention: options.retention, head });
  const checkpointer = new Checkpointer(db, checkpointing(options));
  const sync = durability === "power" ? new WalSync(walFd) : undefined;
  const committer = new Committer({ writer, recent: memory.recent, checkpointer, sync });
  const reader = new Reader({ ...memory, db, clock, lost: meta.number("lost"), head: () => committer.head });
  const state = { closing: false };
  const trimmer = makeTrimmer({ ...memory, db, meta, checkpointer, state }, options);
  const closeFile = (clean: boolean): void => {
    if (clean) meta.set("clean", 1);
    closeDatabase(db, options);
  };
  return { db, epoch: meta.text("epoch"), lock, walFd, committer, checkpointer, reader, trimmer, state, closeFile };
}

/** Returns the newest offset. */
function noteInFile(db: Database, meta: Meta, { durability, bootId }: SqliteLogOptions): number {
  const boot = bootId ?? systemBootId();
  return db.transaction(() => noteOpening(meta, newestOffset(db, meta), { durability, boot }))();
}

/** What of the file is held in memory. */
interface Memory {
  readonly ids: IdWindow;
  readonly index: TopicIndex;
  readonly topics: Topics;
  readonly recent: Recent;
}

function readMemory(db: Database, meta: Meta, { maxIds, clock, retention, recent }: SqliteLogOptions): Memory {
  const most = maxIds ?? 1_000_000;
  const ids = new IdWindow(most);
  rebuildIds(db, ids, clock.now(), { retention, most });
  const index = new TopicIndex(db, meta);
  return { ids, index, topics: new Topics(db, index, meta.number("forgotten")), recent: new Recent(recent ?? RECENT) };
}

interface TrimmerNeeds extends Memory {
  readonly db: Database;
  readonly meta: Meta;
  readonly checkpointer: Checkpointer;
  readonly state: { readonly closing: boolean };
}

function makeTrimmer(needs: TrimmerNeeds, options: SqliteLogOptions): Trimmer {
  const { db, meta, checkpointer, state, index, topics, recent } = needs;
  const { clock, retention, maxBytes, hardBytes } = options;
  const transact = transactor({ db, checkpointer, isClosed: () => state.closing, hardBytes }, () => {
    index.reload();
    topics.dropCache();
    topics.forgotten = meta.number("forgotten");
  });
  const maxIdleTopics = options.maxIdleTopics ?? 100_000;
  return new Trimmer({ db, clock, retention, meta, topics, index, recent, maxBytes, maxIdleTopics, transact });
}
