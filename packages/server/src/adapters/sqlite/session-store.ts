import type { Database } from "bun:sqlite";
import { closeSync } from "node:fs";
import type { Clock } from "../../clock.ts";
import { Claims } from "../../durable/claims.ts";
import {
  SessionsUnavailable,
  SessionTaken,
  type Claimed,
  type Decide,
  type SessionChange,
  type SessionClaim,
  type SessionStore,
  type StoredSession,
  type Stray,
} from "../../durable/session-store.ts";
import { Checkpointer } from "./checkpointer.ts";
import { GroupCommit, type Commit } from "./group-commit.ts";
import type { FileLock } from "./lock.ts";
import { checkpointing, closeDatabase, openFile, syncOpening, type FileOptions } from "./opening.ts";
import { SessionRows } from "./session-rows.ts";
import { SESSION_FILE } from "./session-schema.ts";
import { SessionWriter, type Refused, type SessionTask } from "./session-writer.ts";
import { WalSync } from "./sync.ts";
import { limitPages } from "./transact.ts";

export interface SqliteSessionStoreOptions extends FileOptions {
  /** What a resolved write survives: a kill -9 of the program, or a loss of power too. */
  readonly durability: "process" | "power";
  /** Its turns: the writes of one are one transaction. */
  readonly clock: Pick<Clock, "endOfTurn">;
  /** Syncs the write-ahead log of this descriptor, for `power`; a test has its own. */
  readonly syncOf?: (walFd: number) => Pick<WalSync, "run">;
}

/**
 * Opens the sessions at a path, or makes the file. Rejects with an error named `SessionFileRefused` if the file is
 * damaged, of another program or kind, of a later version or open elsewhere; its message is for the operator.
 */
export function openSqliteSessionStore(options: SqliteSessionStoreOptions): Promise<SessionStore> {
  // In a promise also where it throws at once.
  return Promise.resolve().then(() =>
    openFile(SESSION_FILE, options, (db, lock) => new SqliteSessionStore(partsOf(db, lock, options))),
  );
}

interface Parts {
  readonly db: Database;
  readonly lock: FileLock;
  readonly walFd: number;
  readonly rows: SessionRows;
  readonly checkpointer: Checkpointer;
  readonly group: GroupCommit<SessionTask, Refused, Commit<Refused>, SessionsUnavailable>;
  readonly closeFile: () => void;
}

function partsOf(db: Database, lock: FileLock, options: SqliteSessionStoreOptions): Parts {
  const { clock, durability, path, syncOf = (fd) => new WalSync(fd) } = options;
  const rows = new SessionRows(db);
  const walFd = syncOpening(path);
  limitPages(db, options.hardBytes);
  const writer = new SessionWriter(db, rows);
  const checkpointer = new Checkpointer(db, checkpointing(options));
  const group: Parts["group"] = new GroupCommit({
    store: (tasks) => writer.store(tasks),
    checkpointer,
    sync: durability === "power" ? syncOf(walFd) : undefined,
    schedule: (task) => clock.endOfTurn(task),
    refusal: (message, cause) => new SessionsUnavailable(message, { cause }),
  });
  return { db, lock, walFd, rows, checkpointer, group, closeFile: () => closeDatabase(db, options) };
}

class SqliteSessionStore implements SessionStore {
  readonly #parts: Parts;
  readonly #claims = new Claims();
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  load(id: string): Promise<StoredSession | undefined> {
    return this.#read((rows) => rows.load(id));
  }

  /** Reading and writing are one step of the transaction, so nobody comes in between. */
  async claim(id: string, decide: Decide): Promise<Claimed> {
    if (this.#closing !== undefined) throw closedError();
    const { rows, group } = this.#parts;
    let claimed: Claimed = { stored: undefined, claim: undefined };
    const read = (): readonly SessionChange[] | undefined => {
      const stored = rows.load(id);
      const changes = decide(stored);
      claimed = { stored, claim: changes && this.#claimOf(id, this.#claims.take(id)) };
      return changes;
    };
    // Most clients have nothing stored and store nothing: they wait for no transaction.
    if (group.isIdle && (this.#now(read)?.length ?? 0) === 0) return claimed;
    await this.#submit(1, () => {
      const changes = read();
      if (changes !== undefined) rows.apply(id, changes);
    });
    return claimed;
  }

  write(id: string, changes: readonly SessionChange[]): Promise<void> {
    return this.#submit(changes.length, () => {
      this.#parts.rows.apply(id, changes);
      this.#claims.end(id);
    });
  }

  strays(owners: readonly string[], limit: number): Promise<readonly Stray[]> {
    return this.#read((rows) => rows.strays(owners, limit));
  }

  expired(now: number, limit: number): Promise<readonly string[]> {
    return this.#read((rows) => rows.expired(now, limit));
  }

  count(): Promise<number> {
    return this.#read((rows) => rows.count);
  }

  async probe(): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    this.#now(() => {
      this.#parts.db.run("BEGIN IMMEDIATE");
      this.#parts.db.run("ROLLBACK");
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { group, checkpointer, closeFile, walFd, lock } = this.#parts;
    await group.idle();
    await checkpointer.close();
    closeFile();
    closeSync(walFd);
    lock.release();
  }

  #claimOf(id: string, number: number): SessionClaim {
    const write = async (changes: readonly SessionChange[]): Promise<void> => {
      let isTaken = false;
      await this.#submit(changes.length, () => {
        isTaken = !this.#claims.has(id, number);
        if (!isTaken) this.#parts.rows.apply(id, changes);
      });
      if (isTaken) throw new SessionTaken(id);
    };
    return { number, write, release: () => this.#release(id, number) };
  }

  /** Behind the writes that came before it. */
  #release(id: string, number: number): void {
    const { group } = this.#parts;
    const run = (): void => this.#claims.release(id, number);
    if (group.isIdle) run();
    // Where nothing can be stored any more no claim matters.
    else group.submit({ run, changes: 0 }).catch(() => {});
  }

  async #submit(changes: number, run: () => void): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    const refused = await this.#parts.group.submit({ run, changes });
    if (refused !== undefined) throw refused;
  }

  /** After the writes that came before it, so that it sees them, and only as durable as promised. */
  async #read<T>(task: (rows: SessionRows) => T): Promise<T> {
    if (this.#closing !== undefined) throw closedError();
    const { group, rows } = this.#parts;
    if (group.isIdle) return this.#now(() => task(rows));
    const found: T[] = [];
    const refused = await group.submit({ run: () => (found[0] = task(rows)), changes: 0 });
    if (refused !== undefined) throw refused;
    return found[0] as T;
  }

  /** What SQLite throws becomes `SessionsUnavailable`. */
  #now<T>(task: () => T): T {
    if (this.#parts.group.broken !== undefined) throw this.#parts.group.broken;
    try {
      return task();
    } catch (error) {
      throw new SessionsUnavailable(`the session store does not answer: ${(error as Error).message}`, { cause: error });
    }
  }
}

function closedError(): SessionsUnavailable {
  return new SessionsUnavailable("the session store is closed");
}
