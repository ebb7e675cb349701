import { Database } from "bun:sqlite";
import { LogFileRefused, REMEDY } from "./refusal.ts";

/** Held for the life of the process. The kernel lets go of it when the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * An exclusive transaction on an empty database beside the log. It is a file of its own because the log's own file must
 * stay open to a second connection, the checkpoint worker's.
 */
export function lockFile(path: string): FileLock {
  const db = new Database(`${path}.lock`, { create: true, readwrite: true });
  try {
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw new LogFileRefused(path, "another process has it open.", REMEDY.locked, { cause: error });
  }
  return { release: () => db.close() };
}
