import { Claims } from "../../durable/claims.ts";
import { SessionModel } from "../../durable/session-model.ts";
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

export interface MemorySessionStoreOptions {
  /** Sessions at most; a `create` beyond it is refused with its whole write. */
  readonly maxSessions: number;
}

/** Sessions that outlive their connection, but not the program. Writes take effect when they are called. */
export class MemorySessionStore implements SessionStore {
  readonly #maxSessions: number;
  readonly #sessions = new Map<string, SessionModel>();
  readonly #claims = new Claims();
  /** No session ends before this time. */
  #soonest = Infinity;
  #closed = false;

  constructor({ maxSessions }: MemorySessionStoreOptions) {
    this.#maxSessions = maxSessions;
  }

  load(id: string): Promise<StoredSession | undefined> {
    return this.#answer(() => this.#sessions.get(id)?.stored());
  }

  claim(id: string, decide: Decide): Promise<Claimed> {
    return this.#answer(() => {
      const stored = this.#sessions.get(id)?.stored();
      const changes = decide(stored);
      if (changes === undefined) return { stored, claim: undefined };
      this.#change(id, changes);
      return { stored, claim: this.#claimOf(id, this.#claims.take(id)) };
    });
  }

  write(id: string, changes: readonly SessionChange[]): Promise<void> {
    return this.#answer(() => {
      this.#change(id, changes);
      this.#claims.end(id);
    });
  }

  strays(owners: readonly string[], limit: number): Promise<readonly Stray[]> {
    return this.#answer(() => {
      const found: Stray[] = [];
      for (const [id, { owner }] of this.#sessions)
        if (owner !== undefined && !owners.includes(owner) && found.length < limit) found.push({ id, owner });
      return found;
    });
  }

  expired(now: number, limit: number): Promise<readonly string[]> {
    return this.#answer(() => (now < this.#soonest ? [] : this.#findExpired(now).slice(0, limit)));
  }

  count(): Promise<number> {
    return this.#answer(() => this.#sessions.size);
  }

  probe(): Promise<void> {
    return this.#answer(() => {});
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#sessions.clear();
    return Promise.resolve();
  }

  #answer<T>(task: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new SessionsUnavailable("the session store is closed"));
    return new Promise((resolve) => resolve(task()));
  }

  #claimOf(id: string, number: number): SessionClaim {
    const write = (changes: readonly SessionChange[]): Promise<void> =>
      this.#answer(() => {
        if (!this.#claims.has(id, number)) throw new SessionTaken(id);
        this.#change(id, changes);
      });
    return { number, write, release: () => this.#claims.release(id, number) };
  }

  #change(id: string, changes: readonly SessionChange[]): void {
    this.#refuseExcess(id, changes);
    for (const change of changes) this.#apply(id, change);
  }

  /** Before anything is changed: it is the only thing that can fail. */
  #refuseExcess(id: string, changes: readonly SessionChange[]): void {
    if (this.#sessions.has(id) || this.#sessions.size < this.#maxSessions) return;
    if (!changes.some((change) => change.kind === "create")) return;
    throw new SessionsUnavailable(`nothing was stored: there are ${this.#maxSessions} sessions, no more are allowed`);
  }

  #apply(id: string, change: SessionChange): void {
    if (change.kind === "create") this.#sessions.set(id, new SessionModel(change.user));
    else if (change.kind === "delete") this.#sessions.delete(id);
    else this.#sessions.get(id)?.change(change);
    if (change.kind === "expires" && change.at !== undefined) this.#soonest = Math.min(this.#soonest, change.at);
  }

  #findExpired(now: number): string[] {
    const found: { readonly id: string; readonly at: number }[] = [];
    this.#soonest = Infinity;
    for (const [id, { expires }] of this.#sessions) {
      if (expires === undefined) continue;
      if (expires <= now) found.push({ id, at: expires });
      this.#soonest = Math.min(this.#soonest, expires);
    }
    return found.toSorted((a, b) => a.at - b.at).map(({ id }) => id);
  }
}
