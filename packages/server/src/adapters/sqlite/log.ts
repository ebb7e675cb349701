import { closeSync } from "node:fs";
import type { Message, Stored } from "@tidegate/protocol";
import {
  LogUnavailable,
  type Appended,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type TailHandler,
} from "../../log/log.ts";
import { openParts, type Parts, type SqliteLogOptions } from "./open.ts";

/**
 * Opens the log at a path, or makes it. Rejects with `LogFileRefused` if the file is damaged, of another program, of a
 * later version or open elsewhere.
 */
export function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  // In a promise also where it throws at once.
  return Promise.resolve().then(() => new SqliteLog(openParts(options), options));
}

class SqliteLog implements Log {
  readonly durability: "process" | "power";
  readonly epoch: string;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;
  #trimming: Promise<void> | undefined;

  constructor(parts: Parts, { durability }: SqliteLogOptions) {
    this.#parts = parts;
    this.durability = durability;
    this.epoch = parts.epoch;
  }

  head(): number {
    return this.#parts.committer.head;
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    return this.#closing === undefined ? this.#parts.committer.append(messages) : Promise.reject(closedError());
  }

  read(query: ReadQuery): Promise<Page> {
    return this.#reading(() => this.#parts.reader.read(query));
  }

  latest(query: LatestQuery): Promise<Page> {
    return this.#reading(() => this.#parts.reader.latest(query));
  }

  async retained(filter: string, limit: number): Promise<readonly Stored[]> {
    const found = await this.#reading(() => this.#parts.reader.retained(filter, limit));
    // A value that is committed but not yet as durable as promised is not given out before it is.
    if (found.some((stored) => stored.offset > this.head())) await this.#parts.committer.idle();
    return found.filter((stored) => stored.offset <= this.head());
  }

  async retainedPage(query: ReadQuery): Promise<RetainedPage> {
    const { values, next } = await this.#reading(() => this.#parts.reader.retainedPage(query));
    if (values.some((stored) => stored.offset > this.head())) await this.#parts.committer.idle();
    return { values: values.filter((stored) => stored.offset <= this.head()), next };
  }

  tail(handler: TailHandler): () => void {
    return this.#parts.committer.tail(handler);
  }

  /** A second call while one is under way waits for that one. */
  trim(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    this.#trimming ??= this.#parts.trimmer.run().finally(() => (this.#trimming = undefined));
    return this.#trimming;
  }

  probe(): Promise<void> {
    return this.#reading(() => {
      const { committer, db } = this.#parts;
      if (committer.broken !== undefined) throw committer.broken;
      db.run("BEGIN IMMEDIATE");
      db.run("ROLLBACK");
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { committer, checkpointer, closeFile, state, walFd } = this.#parts;
    state.closing = true;
    await committer.idle();
    await this.#trimming?.catch(() => {});
    await checkpointer.close();
    closeFile(committer.broken === undefined);
    closeSync(walFd);
    this.#parts.lock.release();
  }

  /** What SQLite throws becomes `LogUnavailable`. */
  async #reading<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError();
    try {
      return await task();
    } catch (error) {
      if (error instanceof LogUnavailable) throw error;
      throw new LogUnavailable(`the log cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }
}

function closedError(): LogUnavailable {
  return new LogUnavailable("the log is closed");
}
