import type { Clock } from "../clock.ts";
import type { Identity } from "./identity.ts";
import type { Revocation } from "./revocation-store.ts";
import { keyOf } from "./revocation-wire.ts";

/** What to revoke. `until` as in `Revocation`. */
export type RevokeRequest =
  | { readonly user: string; readonly until?: number }
  | { readonly tokenId: string; readonly until?: number }
  | { readonly key: string; readonly until?: number };

/** `elsewhere`: another node of the cluster was told first. */
export type RevokeListener = (added: readonly Revocation[], where: "here" | "elsewhere") => void;

interface RevocationsParts {
  readonly clock: Clock;
  /** Entries kept, 100,000 unless told: about 25 MB (bench/held.ts). */
  readonly limit?: number;
  /** How long a revocation without `until` is kept; 30 days unless told. Tokens should not live longer. */
  readonly keepMs?: number;
  /** Whether a user has a password that stays configured; nobody unless told. */
  readonly hasPassword?: (user: string) => boolean;
}

const KEEP_MS = 30 * 86_400_000;
const LIMIT = 100_000;

/** Users, tokens and keys that are refused although their signature is right. */
export class Revocations {
  readonly #entries = new Map<string, Revocation>();
  readonly #listeners = new Set<RevokeListener>();
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #keepMs: number;
  readonly #hasPassword: (user: string) => boolean;
  #version = 0;

  constructor({ clock, limit = LIMIT, keepMs = KEEP_MS, hasPassword = () => false }: RevocationsParts) {
    this.#clock = clock;
    this.#limit = limit;
    this.#keepMs = keepMs;
    this.#hasPassword = hasPassword;
  }

  /** @throws RangeError if the limit is reached: a revocation is never dropped in silence */
  revoke(request: RevokeRequest): Revocation {
    const now = this.#clock.now();
    // A key or password stays configured until somebody removes it, so its revocation does not end by itself.
    const stays = "key" in request || ("user" in request && this.#hasPassword(request.user));
    const until = request.until ?? (stays ? Number.MAX_SAFE_INTEGER : now + this.#keepMs);
    const revocation: Revocation = { ...subject(request), before: now, until };
    this.#put(revocation, now);
    this.#tell([revocation], "here");
    return revocation;
  }

  /**
   * Takes in what other nodes have. Of two for the same the later one counts, so that all nodes end with the same whatever comes first.
   *
   * @throws RangeError if the limit is reached; those before it count
   */
  accept(all: readonly Revocation[]): void {
    const now = this.#clock.now();
    const added: Revocation[] = [];
    try {
      for (const revocation of all)
        if (this.#isNews(revocation, now)) {
          this.#put(revocation, now);
          added.push(revocation);
        }
    } finally {
      if (added.length > 0) this.#tell(added, "elsewhere");
    }
  }

  /** Another number whenever something was revoked. */
  get version(): number {
    return this.#version;
  }

  /** Whether a revocation concerns this identity; for `listen`, and for every connect. */
  isRevoked({ kind, user, keyName, issued, tokenId }: Identity, now = this.#clock.now()): boolean {
    if (this.#entries.size === 0 || kind === "anonymous") return false;
    if (keyName !== undefined && this.#live("key", keyName, now) !== undefined) return true;
    if (tokenId !== undefined && this.#live("token", tokenId, now) !== undefined) return true;
    const entry = user === undefined ? undefined : this.#live("user", user, now);
    // A token that does not say when it was made may be older.
    return entry !== undefined && (issued === undefined || issued <= entry.before);
  }

  /** Calls `listener` for all new revocations, so that live connections can be closed. Returns what ends it. */
  listen(listener: RevokeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes in what was stored. Listeners are not called. */
  restore(all: readonly Revocation[]): void {
    const now = this.#clock.now();
    for (const revocation of all) if (revocation.until > now) this.#put(revocation, now);
  }

  /** Everything in force, for a store. */
  all(): readonly Revocation[] {
    this.#forget(this.#clock.now());
    return [...this.#entries.values()];
  }

  #tell(added: readonly Revocation[], where: "here" | "elsewhere"): void {
    for (const listener of this.#listeners) listener(added, where);
  }

  #isNews(revocation: Revocation, now: number): boolean {
    const { kind, id, before, until } = revocation;
    if (until <= now) return false;
    const known = this.#entries.get(keyOf({ kind, id }));
    return known === undefined || before > known.before || (before === known.before && until > known.until);
  }

  #put(revocation: Revocation, now: number): void {
    const key = keyOf(revocation);
    if (!this.#entries.has(key) && this.#entries.size >= this.#limit) this.#forget(now);
    if (!this.#entries.has(key) && this.#entries.size >= this.#limit)
      throw new RangeError(`${this.#limit} revocations are in force, and no more are kept`);
    this.#entries.set(key, revocation);
    this.#version += 1;
  }

  #live(kind: Revocation["kind"], id: string, now: number): Revocation | undefined {
    const entry = this.#entries.get(keyOf({ kind, id }));
    return entry !== undefined && entry.until > now ? entry : undefined;
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#entries) if (until <= now) this.#entries.delete(key);
  }
}

function subject(request: RevokeRequest): Pick<Revocation, "kind" | "id"> {
  if ("user" in request) return { kind: "user", id: request.user };
  return "tokenId" in request ? { kind: "token", id: request.tokenId } : { kind: "key", id: request.key };
}
