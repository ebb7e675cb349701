import { timingSafeEqual } from "node:crypto";
import { LIMITS } from "@tidegate/protocol";
import type { UserOption } from "../options/spec.ts";
import { AuthError } from "./auth-error.ts";
import { userGrants } from "./claims.ts";
import { Gate } from "./gate.ts";
import type { Identity } from "./identity.ts";
import type { AuthLogger } from "./key-sources.ts";
import type { PermissionPool } from "./permissions.ts";
import type { TopicGrants } from "./settings.ts";

/** Whether the hash is the password's; beside the main thread. */
export type VerifyPassword = (password: string, hash: string) => Promise<boolean>;

interface PasswordParts {
  /** What all users may. */
  readonly grants: TopicGrants;
  readonly pool: PermissionPool;
  readonly verify: VerifyPassword;
  /** Verifications at once; each takes a core, and the memory that its hash names. */
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly logger: AuthLogger | undefined;
  /** @throws AuthError for an identity that was revoked */
  readonly alive: (identity: Identity) => Identity;
}

interface Entry {
  readonly hash: string;
  readonly identity: Identity;
  /** Digest of the password that was verified: at most one for each user. */
  verified: Buffer | undefined;
}

/** A few seconds at the cost that `tidegate password` chooses: who waits longer has given up. */
const MAX_WAITING = 100;

/** The configured users, who sign in with a name and a password. */
export class PasswordUsers {
  readonly #entries = new Map<string, Entry>();
  readonly #order: readonly Entry[];
  readonly #parts: PasswordParts;
  readonly #gate: Gate;
  /** Verifications under way, by digest: a thousand devices with one password cost one. */
  readonly #underway = new Map<string, Promise<boolean>>();

  /** @param users - at least one */
  constructor(users: readonly UserOption[], parts: PasswordParts) {
    this.#parts = parts;
    this.#gate = new Gate({ width: parts.width, maxWaiting: MAX_WAITING });
    for (const user of users) this.#entries.set(user.name, entryOf(user, parts));
    this.#order = [...this.#entries.values()];
  }

  /** At once where the password was verified before. @throws AuthError, or rejects with one */
  signIn(name: string, password: string): Identity | Promise<Identity> {
    if (password.length > LIMITS.tokenChars)
      throw new AuthError("unauthenticated", `the password is longer than ${LIMITS.tokenChars} characters`);
    const known = this.#entries.get(name);
    // An unknown name costs what a wrong password costs: the time must not tell which names there are.
    const entry = known ?? this.#decoy(name);
    const digest = digestOf(name, entry.hash, password);
    if (entry.verified !== undefined && timingSafeEqual(entry.verified, digest))
      return this.#parts.alive(entry.identity);
    return this.#verify(entry, digest, { password, isKnown: known !== undefined });
  }

  /** Has the user's password verified anew. */
  forget(name: string): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.verified = undefined;
  }

  async #verify(
    entry: Entry,
    digest: Buffer,
    { password, isKnown }: { readonly password: string; readonly isKnown: boolean },
  ): Promise<Identity> {
    const isRight = await this.#shared(digest.toString("latin1"), () => this.#check(entry, password));
    if (!isRight || !isKnown) throw new AuthError("unauthenticated", "the user name or the password is wrong");
    const identity = this.#parts.alive(entry.identity);
    entry.verified = digest;
    return identity;
  }

  #shared(digest: string, check: () => Promise<boolean>): Promise<boolean> {
    const underway = this.#underway.get(digest);
    if (underway !== undefined) return underway;
    const started = this.#gate.run(check).finally(() => this.#underway.delete(digest));
    this.#underway.set(digest, started);
    return started;
  }

  /** A hash that passed the check of its form and still cannot be verified is the operator's to mend. */
  async #check({ hash, identity }: Entry, password: string): Promise<boolean> {
    const { verify, logger } = this.#parts;
    try {
      return await verify(password, hash);
    } catch (error) {
      logger?.warn({ err: error, user: identity.user }, "the hash of a user of auth.users cannot be verified");
      return false;
    }
  }

  /** The same one for the same name, so that its cost is that of some user who is there. */
  #decoy(name: string): Entry {
    const entry = this.#order[Bun.hash.crc32(name) % this.#order.length];
    if (entry === undefined) throw new TypeError("there are no users");
    return { hash: entry.hash, identity: entry.identity, verified: undefined };
  }
}

/** The salt in the hash makes it different for each user; the length keeps names and hashes apart. */
function digestOf(name: string, hash: string, password: string): Buffer {
  return Buffer.from(Bun.SHA256.hash(`${name.length}:${name}${hash}\n${password}`, "hex"), "hex");
}

function entryOf(
  { name, hash, since, publish, subscribe, admin }: UserOption,
  { grants, pool, now }: PasswordParts,
): Entry {
  const own = { publish: [...grants.publish, ...publish], subscribe: [...grants.subscribe, ...subscribe] };
  const identity: Identity = {
    user: name,
    kind: "user",
    keyName: undefined,
    // A time to come would shield the user from every revocation until then.
    issued: since === undefined ? undefined : Math.min(since, now),
    expires: undefined,
    tokenId: undefined,
    info: undefined,
    permissions: pool.of({ ...userGrants(own), admin }),
  };
  return { hash, identity, verified: undefined };
}
