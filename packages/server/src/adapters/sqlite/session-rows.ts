import type { Database } from "bun:sqlite";
import type { SessionChange, StoredSession, StoredSubscription, Stray } from "../../durable/session-store.ts";
import { FlightRows } from "./session-flights.ts";

interface SessionRow {
  readonly key: number;
  readonly user: string | null;
  readonly expires: number | null;
  readonly note: string | null;
  readonly owner: string | null;
}

/** A subscription with one of its positions, or with none. */
type SubscriptionRow = readonly [id: number, filter: string, options: string, epoch: string | null, offset: number];

/** Reads and writes sessions in the file. It begins and ends no transaction. */
export class SessionRows {
  readonly #db: Database;
  readonly #statements;
  readonly #flights: FlightRows;
  /** Undefined when it must be counted. */
  #count: number | undefined = undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#statements = statementsOf(db);
    this.#flights = new FlightRows(db);
  }

  get count(): number {
    this.#count ??= this.#statements.count.get()?.n ?? 0;
    return this.#count;
  }

  load(id: string): StoredSession | undefined {
    const row = this.#statements.find.get(id);
    if (row === null) return undefined;
    return {
      user: row.user ?? undefined,
      owner: row.owner ?? undefined,
      expires: row.expires ?? undefined,
      note: row.note ?? undefined,
      subscriptions: this.#subscriptions(row.key),
      flights: this.#flights.load(row.key),
    };
  }

  expired(now: number, limit: number): readonly string[] {
    return this.#statements.expired.values(now, Math.min(limit, Number.MAX_SAFE_INTEGER)).map(([id]) => id as string);
  }

  strays(owners: readonly string[], limit: number): readonly Stray[] {
    // Few gateways, and mostly no strays: each owner's first session is found in the index.
    const found: Stray[] = [];
    for (let owner = this.#ownerAfter(""); owner !== undefined; owner = this.#ownerAfter(owner)) {
      if (owners.includes(owner)) continue;
      for (const [id] of this.#statements.owned.values(owner, limit - found.length))
        found.push({ id: id as string, owner });
      if (found.length >= limit) break;
    }
    return found;
  }

  apply(id: string, changes: readonly SessionChange[]): void {
    let key = this.#statements.key.get(id)?.key;
    for (const change of changes) {
      if (change.kind === "create") key = this.#create(id, key, change.user);
      else if (key !== undefined) key = this.#change(key, change);
    }
  }

  /** After a failure: what is in memory must say what the file says. */
  takeBack(): void {
    this.#count = undefined;
    if (this.#db.inTransaction) this.#db.run("ROLLBACK");
  }

  #ownerAfter(owner: string): string | undefined {
    return this.#statements.ownerAfter.get(owner)?.owner;
  }

  #create(id: string, known: number | undefined, user: string | undefined): number {
    const count = this.count;
    if (known !== undefined) this.#forget(known);
    const { lastInsertRowid } = this.#statements.create.run(id, user ?? null);
    this.#count = known === undefined ? count + 1 : count;
    return Number(lastInsertRowid);
  }

  /** Returns the key, or undefined if the session is gone. */
  #change(key: number, change: Exclude<SessionChange, { readonly kind: "create" }>): number | undefined {
    const run = this.#statements;
    if (change.kind === "delete") {
      this.#count = this.count - 1;
      this.#forget(key);
      return undefined;
    }
    if (change.kind === "flight") this.#flights.put(key, change.flight);
    else if (change.kind === "landed") this.#flights.remove(key, change.direction, change.packet);
    else if (change.kind === "position") run.position.run(change.epoch, change.offset, key, change.filter);
    else if (change.kind === "expires") run.expires.run(change.at ?? null, key);
    else if (change.kind === "owner") run.owner.run(change.owner ?? null, key);
    else if (change.kind === "note") run.note.run(change.text ?? null, key);
    else if (change.kind === "subscribe") run.subscribe.run(key, change.filter, change.options);
    else this.#unsubscribe(key, change.filter);
    return key;
  }

  #unsubscribe(key: number, filter: string): void {
    this.#statements.forgetPositionsOf.run(key, filter);
    this.#statements.unsubscribe.run(key, filter);
  }

  #forget(key: number): void {
    const { forgetPositions, forgetSubscriptions, forget } = this.#statements;
    this.#flights.forget(key);
    forgetPositions.run(key);
    forgetSubscriptions.run(key);
    forget.run(key);
  }

  #subscriptions(key: number): readonly StoredSubscription[] {
    const found = new Map<number, StoredSubscription & { readonly positions: { epoch: string; offset: number }[] }>();
    for (const row of this.#statements.subscriptions.values(key)) {
      const [id, filter, options, epoch, offset] = row as unknown as SubscriptionRow;
      const one = found.get(id) ?? { filter, options, positions: [] };
      found.set(id, one);
      if (epoch !== null) one.positions.push({ epoch, offset });
    }
    return [...found.values()];
  }
}

function statementsOf(db: Database) {
  return {
    ...readingOf(db),
    ...forgettingOf(db),
    create: db.prepare<unknown, [string, string | null]>("INSERT INTO sessions (id, user) VALUES (?, ?)"),
    expires: db.prepare<unknown, [number | null, number]>("UPDATE sessions SET expires = ? WHERE key = ?"),
    owner: db.prepare<unknown, [string | null, number]>("UPDATE sessions SET owner = ? WHERE key = ?"),
    note: db.prepare<unknown, [string | null, number]>("UPDATE sessions SET note = ? WHERE key = ?"),
    subscribe: db.prepare<unknown, [number, string, string]>(
      `INSERT INTO subscriptions (session, filter, options) VALUES (?, ?, ?)
       ON CONFLICT (session, filter) DO UPDATE SET options = excluded.options`,
    ),
    position: db.prepare<unknown, [string, number, number, string]>(
      `INSERT INTO positions SELECT id, ?, ? FROM subscriptions WHERE session = ? AND filter = ?
       ON CONFLICT (subscription, epoch) DO UPDATE SET offset = excluded.offset`,
    ),
  };
}

function readingOf(db: Database) {
  return {
    key: db.prepare<{ key: number }, [string]>("SELECT key FROM sessions WHERE id = ?"),
    find: db.prepare<SessionRow, [string]>("SELECT key, user, expires, note, owner FROM sessions WHERE id = ?"),
    count: db.prepare<{ n: number }, []>("SELECT count(*) AS n FROM sessions"),
    expired: db.prepare<unknown, [number, number]>(
      "SELECT id FROM sessions WHERE expires <= ? ORDER BY expires LIMIT ?",
    ),
    ownerAfter: db.prepare<{ owner: string }, [string]>(
      "SELECT owner FROM sessions WHERE owner > ? ORDER BY owner LIMIT 1",
    ),
    owned: db.prepare<unknown, [string, number]>("SELECT id FROM sessions WHERE owner = ? LIMIT ?"),
    subscriptions: db.prepare<unknown, [number]>(
      `SELECT s.id, s.filter, s.options, p.epoch, p.offset FROM subscriptions s
       LEFT JOIN positions p ON p.subscription = s.id WHERE s.session = ? ORDER BY s.id`,
    ),
  };
}

function forgettingOf(db: Database) {
  return {
    unsubscribe: db.prepare<unknown, [number, string]>("DELETE FROM subscriptions WHERE session = ? AND filter = ?"),
    forgetPositionsOf: db.prepare<unknown, [number, string]>(
      `DELETE FROM positions
       WHERE subscription = (SELECT id FROM subscriptions WHERE session = ? AND filter = ?)`,
    ),
    forgetPositions: db.prepare<unknown, [number]>(
      "DELETE FROM positions WHERE subscription IN (SELECT id FROM subscriptions WHERE session = ?)",
    ),
    forgetSubscriptions: db.prepare<unknown, [number]>("DELETE FROM subscriptions WHERE session = ?"),
    forget: db.prepare<unknown, [number]>("DELETE FROM sessions WHERE key = ?"),
  };
}
