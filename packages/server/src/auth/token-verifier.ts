import { errors, jwtVerify, type FlattenedJWSInput, type JWTHeaderParameters, type JWTPayload } from "jose";
import type { Clock } from "../clock.ts";
import { AuthError } from "./auth-error.ts";
import { identityOf, userGrants } from "./claims.ts";
import type { Identity } from "./identity.ts";
import type { KeySources, VerifyKey } from "./key-sources.ts";
import type { PermissionPool, Permissions } from "./permissions.ts";
import type { AuthSettings } from "./settings.ts";
import { explain } from "./token-faults.ts";

interface VerifierParts {
  readonly settings: AuthSettings;
  readonly sources: KeySources;
  readonly pool: PermissionPool;
  readonly clock: Clock;
}

/** Verifies JWTs: RFC 7519, with the advice of RFC 8725 (fixed algorithms, one kind of key for each). */
export class TokenVerifier {
  readonly #parts: VerifierParts;
  readonly #users: Permissions;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
    this.#users = parts.pool.of(userGrants(parts.settings.users));
  }

  /** Rejects with AuthError. */
  async verify(token: string): Promise<Identity> {
    const { settings, pool } = this.#parts;
    try {
      return identityOf(await this.#claims(token), { users: this.#users, pool });
    } catch (error) {
      throw explain(error, settings.jwt.algorithms);
    }
  }

  /** Whether a token that was verified before has ended meanwhile. @throws AuthError */
  checkTime({ expires }: Identity): void {
    const { settings, clock } = this.#parts;
    if (expires !== undefined && clock.now() >= expires + settings.jwt.leeway)
      throw new AuthError("token_expired", `the token expired at ${new Date(expires).toISOString()}`);
  }

  keepFresh(): void {
    this.#parts.sources.keySet?.keepFresh();
  }

  async prepare(): Promise<void> {
    await this.#parts.sources.keySet?.prepare();
  }

  async #claims(token: string): Promise<JWTPayload> {
    const { issuer, audience, algorithms, leeway } = this.#parts.settings.jwt;
    const options = {
      algorithms: [...algorithms],
      clockTolerance: leeway / 1000,
      currentDate: new Date(this.#parts.clock.now()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    const getKey = (header: JWTHeaderParameters, input: FlattenedJWSInput) => this.#key(header, input);
    try {
      return (await jwtVerify(token, getKey, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return this.#tryEach(error, (key) => jwtVerify(token, key, options));
    }
  }

  /** A token without a key id may fit several keys of the set. */
  async #tryEach(
    keys: errors.JWKSMultipleMatchingKeys,
    verify: (key: VerifyKey) => Promise<{ payload: JWTPayload }>,
  ): Promise<JWTPayload> {
    let last: unknown = keys;
    for await (const key of keys) {
      try {
        return (await verify(key)).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /** jose has refused every algorithm that is not allowed before it asks. */
  async #key(header: JWTHeaderParameters, input: FlattenedJWSInput): Promise<VerifyKey> {
    const { secret, publicKey, keySet } = this.#parts.sources;
    const symmetric = header.alg.startsWith("HS");
    const key = symmetric ? secret : (publicKey ?? (await keySet?.key(header, input)));
    if (key === undefined) throw new AuthError("unauthenticated", `there is no key for ${header.alg}`);
    return key;
  }
}
