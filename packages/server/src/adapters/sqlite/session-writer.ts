import type { Database } from "bun:sqlite";
import { SessionsUnavailable } from "../../durable/session-store.ts";
import type { Commit } from "./group-commit.ts";
import type { SessionRows } from "./session-rows.ts";

/** One call that takes its turn. */
export interface SessionTask {
  readonly run: () => void;
  /** Changes that it makes; 0 for one that reads. */
  readonly changes: number;
}

/** Why a call was refused; undefined if it was not. */
export type Refused = SessionsUnavailable | undefined;

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

  store(tasks: readonly SessionTask[]): Commit<Refused> {
    const refused = this.#attempt(tasks);
    const bytes = tasks.reduce((sum, { changes }) => sum + changes, 0) * PAGE_BYTES;
    if (refused === undefined) return { results: [], bytes };
    // The fault may be of one of them, such as a text that has no room: each by itself, so that the others go on.
    return { results: tasks.length === 1 ? [refused] : tasks.map((task) => this.#attempt([task])), bytes };
  }

  /** All of them or none. */
  #attempt(tasks: readonly SessionTask[]): Refused {
    try {
      this.#begin.run();
      for (const task of tasks) task.run();
      this.#commit.run();
      return undefined;
    } catch (error) {
      this.#rows.takeBack();
      return new SessionsUnavailable(`nothing was stored: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Sessions lie all over the file: a change writes a page of its own. */
const PAGE_BYTES = 4096;
