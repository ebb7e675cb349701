import { Database } from "bun:sqlite";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface DiskSpeed {
  /** Milliseconds that a write of 4 KB takes to be on the disk. */
  readonly median: number;
  readonly slowest: number;
  /** Messages of 200 bytes a second, in groups of 200, each group a transaction. */
  readonly process: number;
  readonly power: number;
}

/** Milliseconds for each of the three measurements. */
const TIME = 330;
const GROUP = 200;

/** Measures for about a second in a directory of its own below `place`, which it removes. `now`: milliseconds, never set. */
export function measureDisk(place: string, now: () => number): DiskSpeed {
  const dir = mkdtempSync(join(place, ".tidegate-doctor-"));
  try {
    const syncs = syncTimes(join(dir, "sync"), now).sort((a, b) => a - b);
    return {
      median: syncs[Math.floor(syncs.length / 2)] ?? 0,
      slowest: syncs.at(-1) ?? 0,
      process: commitRate(join(dir, "process.db"), "NORMAL", now),
      power: commitRate(join(dir, "power.db"), "FULL", now),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function syncTimes(path: string, now: () => number): number[] {
  const fd = openSync(path, "w");
  const block = new Uint8Array(4096).fill(1);
  const times: number[] = [];
  try {
    for (let at = now(), end = at + TIME; at < end;) {
      writeSync(fd, block);
      fsyncSync(fd);
      times.push(-at + (at = now()));
    }
  } finally {
    closeSync(fd);
  }
  return times;
}

/** As the log does it: write-ahead log, and a sync at each commit only with FULL. */
function commitRate(path: string, synchronous: "NORMAL" | "FULL", now: () => number): number {
  using db = new Database(path, { create: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run(`PRAGMA synchronous = ${synchronous}`);
  db.run("CREATE TABLE message (position INTEGER PRIMARY KEY, topic TEXT, payload BLOB)");
  const insert = db.prepare("INSERT INTO message (topic, payload) VALUES (?, ?)");
  const payload = new Uint8Array(200).fill(1);
  const group = db.transaction(() => {
    for (let i = 0; i < GROUP; i++) insert.run("chat/room_1", payload);
  });
  const start = now();
  let groups = 0;
  for (; now() - start < TIME; groups++) group();
  insert.finalize();
  return (groups * GROUP * 1000) / (now() - start);
}
