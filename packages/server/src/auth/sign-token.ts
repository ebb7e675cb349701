import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import type { Clock } from "../clock.ts";
import { identityOf, userGrants } from "./claims.ts";
import { PermissionPool } from "./permissions.ts";

export interface TokenRequest {
  /** Text of auth.jwt.secret for HS*, or a private key (PEM) for all others. */
  readonly secret?: string;
  readonly privateKey?: string;
  /** `HS256` with a secret; needed with a private key. */
  readonly algorithm?: string;
  /** `kid` of the header, for key sets. */
  readonly keyId?: string;
  /** The user id. */
  readonly sub: string;
  /** Milliseconds; undefined for a token that does not end. */
  readonly expiresIn?: number;
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  readonly info?: unknown;
  readonly issuer?: string;
  readonly audience?: string;
  readonly tokenId?: string;
}

/**
 * A signed JWT, for `tidegate token` and tests. What the server would refuse is refused here.
 *
 * @throws AuthError for a claim that is not allowed; TypeError for a key that is missing or does not fit
 */
export async function signToken(request: TokenRequest, clock: Pick<Clock, "now">): Promise<string> {
  const { key, algorithm } = keyOf(request);
  const seconds = Math.floor(clock.now() / 1000);
  const claims = claimsOf(request, seconds);
  const pool = new PermissionPool(0);
  identityOf(claims, { users: pool.of(userGrants({ publish: [], subscribe: [] })), pool });
  const header = { alg: algorithm, typ: "JWT", ...(request.keyId === undefined ? {} : { kid: request.keyId }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

function keyOf({ secret, privateKey, algorithm }: TokenRequest): { key: KeyObject; algorithm: string } {
  if (secret !== undefined) {
    const name = algorithm ?? "HS256";
    if (!name.startsWith("HS")) throw new TypeError(`${name} needs a private key, not a secret`);
    return { key: createSecretKey(secret, "utf8"), algorithm: name };
  }
  if (privateKey === undefined) throw new TypeError("a secret or a private key is needed to sign a token");
  if (algorithm === undefined || algorithm.startsWith("HS"))
    throw new TypeError("with a private key the algorithm must be named: RS256, PS256, ES256 or EdDSA, for example");
  return { key: createPrivateKey(privateKey), algorithm };
}

function claimsOf(request: TokenRequest, now: number): Record<string, unknown> {
  const { sub, expiresIn, publish, subscribe, info, issuer, audience, tokenId } = request;
  const exp = expiresIn === undefined ? undefined : now + Math.ceil(expiresIn / 1000);
  const all = { sub, iat: now, exp, iss: issuer, aud: audience, jti: tokenId, publish, subscribe, info };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
