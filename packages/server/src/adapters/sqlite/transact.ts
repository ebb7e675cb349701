import type { Database } from "bun:sqlite";
import { LogUnavailable } from "../../log/log.ts";
import type { Checkpointer } from "./checkpointer.ts";

/** Lets the file grow to its bound, and while a trim runs a little further: to remove, the index must be written. */
export function limitPages(db: Database, hardBytes: number | undefined): void {
  if (hardBytes !== undefined) db.run(`PRAGMA max_page_count = ${Math.ceil(hardBytes / 4096)}`);
}

/** What the index of a whole group of messages can take. */
const TRIM_RESERVE = 16 << 20;

export interface TransactorParts {
  readonly db: Database;
  readonly checkpointer: Checkpointer;
  readonly isClosed: () => boolean;
  readonly hardBytes: number | undefined;
}

/** Runs a task in a transaction when commits are allowed. `takenBack` follows a failure. */
export function transactor({ db, checkpointer, isClosed, hardBytes }: TransactorParts, takenBack: () => void) {
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
