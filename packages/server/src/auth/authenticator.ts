import { availableParallelism } from "node:os";
import { LIMITS } from "@tidegate/protocol";
import type { Clock } from "../clock.ts";
import { AuthError } from "./auth-error.ts";
import type { Identity } from "./identity.ts";
import { isToken } from "./is-token.ts";
import { KeyRing } from "./key-ring.ts";
import { type AuthLogger, keySources } from "./key-sources.ts";
import { PasswordUsers, type VerifyPassword } from "./password-users.ts";
import { PermissionPool } from "./permissions.ts";
import { Revocations } from "./revocations.ts";
import type { AuthSettings } from "./settings.ts";
import { TokenCache } from "./token-cache.ts";
import { TokenVerifier } from "./token-verifier.ts";
import { verifyPassword } from "./verify-password.ts";

export interface Authenticator {
  /**
   * Who brings this token. An identity at once where nothing must be waited for: anonymous, API key, a token that was
   * verified before.
   *
   * @throws AuthError, or rejects with one
   */
  authenticate(token: string | undefined): Identity | Promise<Identity>;
  /**
   * Who has this name and password. A password that has the form of a token is taken for one, and the name is ignored;
   * without a password it is as without a token. At once where the password was verified before.
   *
   * @throws AuthError, or rejects with one
   */
  signIn(name: string, password: string | undefined): Identity | Promise<Identity>;
  /** Reads the key set, so that the first client does not wait for it. Rejects with AuthError if it cannot be read. */
  prepare(): Promise<void>;
}

export interface AuthParts {
  readonly clock: Clock;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly logger?: AuthLogger;
  /** What was revoked; without it nothing is. */
  readonly revocations?: Revocations;
  /** The real one unless told. */
  readonly verifyPassword?: VerifyPassword;
  /** Passwords that are verified at once; half of the cores unless told, from 1 to 4. */
  readonly verifications?: number;
}

/** @throws AuthError if the configured public key cannot be read */
export function createAuthenticator(settings: AuthSettings, parts: AuthParts): Authenticator {
  return new TokenAuthenticator(settings, parts);
}

class TokenAuthenticator implements Authenticator {
  readonly #clock: Clock;
  readonly #anonymous: Identity | undefined;
  readonly #keys: KeyRing;
  readonly #users: PasswordUsers | undefined;
  readonly #verifier: TokenVerifier | undefined;
  readonly #cache: TokenCache;
  readonly #revocations: Revocations;

  constructor(settings: AuthSettings, parts: AuthParts) {
    const pool = new PermissionPool();
    this.#clock = parts.clock;
    this.#revocations = parts.revocations ?? new Revocations({ clock: parts.clock });
    this.#anonymous = settings.required ? undefined : anonymousIdentity(settings, pool);
    this.#keys = new KeyRing(settings.keys, pool);
    this.#users = this.#passwordUsers(settings, parts, pool);
    this.#cache = new TokenCache();
    const sources = keySources(settings.jwt, { ...parts, changed: () => this.#cache.clear() });
    this.#verifier = sources && new TokenVerifier({ settings, sources, pool, clock: parts.clock });
  }

  authenticate(token: string | undefined): Identity | Promise<Identity> {
    if (token === undefined || token === "") return this.#withoutToken();
    if (token.length > LIMITS.tokenChars) throw refused(`the token is longer than ${LIMITS.tokenChars} characters`);
    if (token.startsWith("tg_")) return this.#alive(this.#keys.find(token));
    if (this.#verifier === undefined) throw refused("this server takes no JWT: auth.jwt is not set");
    return this.#known(token, this.#verifier) ?? this.#verify(token, this.#verifier);
  }

  signIn(name: string, password: string | undefined): Identity | Promise<Identity> {
    if (password === undefined || password === "" || isToken(password)) return this.authenticate(password);
    if (this.#users === undefined) throw refused("this server takes no passwords: auth.users is not set");
    return this.#users.signIn(name, password);
  }

  async prepare(): Promise<void> {
    await this.#verifier?.prepare();
  }

  #withoutToken(): Identity {
    if (this.#anonymous !== undefined) return this.#anonymous;
    const more = this.#users === undefined ? "" : ", or sign in with a user name and a password";
    throw refused(`a token is required: send a JWT or an API key${more}`);
  }

  #passwordUsers(settings: AuthSettings, parts: AuthParts, pool: PermissionPool): PasswordUsers | undefined {
    if (settings.passwordUsers.length === 0) return undefined;
    const users = new PasswordUsers(settings.passwordUsers, {
      grants: settings.users,
      pool,
      verify: parts.verifyPassword ?? verifyPassword,
      width: parts.verifications ?? Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2))),
      now: parts.clock.now(),
      logger: parts.logger,
      alive: (identity) => this.#alive(identity),
    });
    this.#revocations.listen((added) => {
      for (const { kind, id } of added) if (kind === "user") users.forget(id);
    });
    return users;
  }

  #known(token: string, verifier: TokenVerifier): Identity | undefined {
    verifier.keepFresh();
    const known = this.#cache.get(token);
    if (known === undefined) return undefined;
    verifier.checkTime(known);
    return this.#alive(known);
  }

  async #verify(token: string, verifier: TokenVerifier): Promise<Identity> {
    const { generation } = this.#cache;
    const identity = await verifier.verify(token);
    this.#cache.set(token, identity, generation);
    return this.#alive(identity);
  }

  #alive(identity: Identity): Identity {
    if (this.#revocations.isRevoked(identity, this.#clock.now()))
      throw refused(identity.kind === "key" ? "the key was revoked" : "the token or its user was revoked");
    return identity;
  }
}

function anonymousIdentity({ anonymous }: AuthSettings, pool: PermissionPool): Identity {
  const grants = { ...anonymous, admin: false, wildcardsReachUsers: false, ownTopic: false };
  return {
    user: undefined,
    kind: "anonymous",
    keyName: undefined,
    issued: undefined,
    expires: undefined,
    tokenId: undefined,
    info: undefined,
    permissions: pool.of(grants),
  };
}

function refused(message: string): AuthError {
  return new AuthError("unauthenticated", message);
}
