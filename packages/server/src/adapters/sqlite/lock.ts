import { Database } from "bun:sqlite";
import type { FileKind } from "./kind.ts";
import { FileRefused, remedies } from "./refusal.ts";

/** Held for the life of the process. The kernel lets go of it when the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * An exclusive transaction on an empty database beside the file. It is a file of its own because the other must stay open
 * to a second connection, the checkpoint worker's.
 */
export function lockFile(kind: FileKind, path: string): FileLock {
  const db = new Database(`${path}.lock`, { create: true, readwrite: true });
  try {
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    const refusal = { fault: "another process has it open.", remedy: remedies(kind).locked };
    throw new FileRefused(kind, path, refusal, { cause: error });
  }
  return { release: () => db.close() };
}
