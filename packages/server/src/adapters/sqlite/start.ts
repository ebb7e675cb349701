import type { Database } from "bun:sqlite";
import type { IdWindow } from "../../log/id-window.ts";
import type { RetentionOf } from "../../log/log.ts";
import type { Meta } from "./meta.ts";

/**
 * Newest offset that was ever given. Rows may be gone, but never without a trace: a topic's floor, or that of the
 * forgotten topics, is at least as high.
 */
export function newestOffset(db: Database, meta: Meta): number {
  const rows = db.query<{ newest: number | null }, []>(
    "SELECT max(offset) AS newest FROM messages UNION ALL SELECT max(floor) FROM topics",
  );
  return Math.max(meta.number("forgotten"), meta.number("lost"), ...rows.all().map((row) => row.newest ?? 0));
}

interface Opening {
  readonly durability: "process" | "power";
  readonly boot: string;
}

/**
 * Notes who has the file open. If the machine went down under a log that does not sync, its newest messages may be lost
 * though clients have seen them: then offsets go on far beyond, so that none is given twice, and whoever asks from
 * before that place is told that the answer may not be complete. Returns the newest offset from which to go on.
 */
export function noteOpening(meta: Meta, head: number, { durability, boot }: Opening): number {
  const before = meta.text("boot");
  const wasOpen = before !== "" && meta.number("clean") === 0 && meta.text("durability") === "process";
  const lost = wasOpen && (boot === UNKNOWN || boot !== before) ? head + JUMP : 0;
  if (lost > 0) meta.set("lost", lost);
  meta.set("clean", 0);
  meta.set("boot", boot === "" ? UNKNOWN : boot);
  meta.set("durability", durability);
  return Math.max(head, lost);
}

const UNKNOWN = "unknown";

/** More messages than the write-ahead log, all that can be lost, ever holds. */
const JUMP = 2 ** 24;

interface IdRow {
  readonly offset: number;
  readonly previous: number;
  readonly id: string | null;
  readonly at: number;
  readonly name: string;
}

/** Fills the window from the rows that are in it, newest first until there are no more or `most` are found. */
export function rebuildIds(
  db: Database,
  ids: IdWindow,
  now: number,
  { retention, most }: { retention: RetentionOf; most: number },
): void {
  const longest = longestWindow(db, retention);
  const select = db.prepare<IdRow, [number, number]>(
    `SELECT m.offset, m.previous, m.id, m.time + m.lag AS at, t.name
     FROM messages m CROSS JOIN topics t ON t.id = m.topic WHERE m.offset < ? ORDER BY m.offset DESC LIMIT ?`,
  );
  const found: IdRow[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; found.length < most;) {
    const rows = select.all(before, STEP);
    for (const row of rows) if (row.id !== null && now - row.at < longest) found.push(row);
    const last = rows.at(-1);
    // All of a step are too old: none before it can be in the window.
    if (last === undefined || rows.every((row) => now - row.at >= longest)) break;
    before = last.offset;
  }
  for (const row of found.slice(0, most).reverse())
    if (row.id !== null) ids.add(row.name, row.id, row, retention(row.name).idWindow);
}

const STEP = 1000;

function longestWindow(db: Database, retention: RetentionOf): number {
  let longest = 0;
  const names = db.prepare<{ id: number; name: string }, [number, number]>(
    "SELECT id, name FROM topics WHERE id > ? ORDER BY id LIMIT ?",
  );
  for (let after = 0; ;) {
    const rows = names.all(after, STEP);
    for (const { name } of rows) longest = Math.max(longest, retention(name).idWindow);
    const last = rows.at(-1);
    if (last === undefined) return longest;
    after = last.id;
  }
}
