import type { Database } from "bun:sqlite";
import type { Commit } from "./group-commit.ts";
import type { SessionRows } from "./session-rows.ts";

/** One call that takes its turn. */
export interface SessionTask {
  readonly run: () => void;
  /** Changes that it makes; 0 for one that reads. */
  readonly changes: number;
}

/** Runs the calls that came together in one transaction, in their order. */
export class SessionWriter {
  readonly #rows: SessionRows;
  readonly #begin;
  readonly #commit;

  constructor(db: Database, rows: SessionRows) {
    this.#rows = rows;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** Throws what SQLite throws; nothing is stored then. */
  store(tasks: readonly SessionTask[]): Commit<void> {
    let changes = 0;
    try {
      this.#begin.run();
      for (const task of tasks) {
        task.run();
        changes += task.changes;
      }
      this.#commit.run();
    } catch (error) {
      this.#rows.takeBack();
      throw error;
    }
    return { results: [], bytes: changes * PAGE_BYTES };
  }
}

/** Sessions lie all over the file: a change writes a page of its own. */
const PAGE_BYTES = 4096;
