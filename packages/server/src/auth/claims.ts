import type { JWTPayload } from "jose";
import { patternFault } from "../options/items.ts";
import { userFault } from "../options/user-id.ts";
import { AuthError } from "./auth-error.ts";
import type { Identity } from "./identity.ts";
import type { Grants, PermissionPool, Permissions } from "./permissions.ts";
import type { TopicGrants } from "./settings.ts";

/** A token has at most so many patterns in one claim: each costs some hundred bytes for as long as its user is connected. */
const MAX_PATTERNS = 200;
const INFO_CHARS = 1024;
const TOKEN_ID_CHARS = 256;

interface ClaimParts {
  /** For users whose token has no permissions of its own. */
  readonly users: Permissions;
  readonly pool: PermissionPool;
}

/** What a verified token says, as an identity. @throws AuthError */
export function identityOf(claims: JWTPayload, parts: ClaimParts): Identity {
  return {
    user: userOf(claims),
    kind: "user",
    keyName: undefined,
    issued: claims.iat === undefined ? undefined : claims.iat * 1000,
    expires: claims.exp === undefined ? undefined : claims.exp * 1000,
    tokenId: tokenIdOf(claims),
    info: infoOf(claims),
    permissions: permissionsOf(claims, parts),
  };
}

export function userGrants({ publish, subscribe }: TopicGrants): Grants {
  return { publish, subscribe, admin: false, wildcardsReachUsers: false, ownTopic: true };
}

/** A claim takes the place of the default, so that a token can also allow less. */
function permissionsOf(claims: JWTPayload, { users, pool }: ClaimParts): Permissions {
  const publish = patternsOf(claims, "publish");
  const subscribe = patternsOf(claims, "subscribe");
  if (publish === undefined && subscribe === undefined) return users;
  const { grants } = users;
  return pool.of(userGrants({ publish: publish ?? grants.publish, subscribe: subscribe ?? grants.subscribe }));
}

function userOf({ sub }: JWTPayload): string {
  if (typeof sub !== "string") throw refused("the claim sub (the user id) is missing");
  const fault = userFault(sub);
  if (fault !== undefined) throw refused(`the claim sub (the user id) ${fault}`);
  return sub;
}

function tokenIdOf({ jti }: JWTPayload): string | undefined {
  if (jti === undefined) return undefined;
  if (typeof jti !== "string" || jti.length > TOKEN_ID_CHARS)
    throw refused(`the claim jti must be text of at most ${TOKEN_ID_CHARS} characters`);
  return jti;
}

function patternsOf(claims: JWTPayload, name: "publish" | "subscribe"): readonly string[] | undefined {
  const claim = claims[name];
  if (claim === undefined) return undefined;
  if (!Array.isArray(claim) || claim.length > MAX_PATTERNS)
    throw refused(`the claim ${name} must be a list of at most ${MAX_PATTERNS} topic patterns`);
  for (const pattern of claim as readonly unknown[]) {
    if (typeof pattern !== "string") throw refused(`the claim ${name} must hold only text`);
    const fault = patternFault(pattern);
    if (fault !== undefined) throw refused(`the claim ${name}: ${fault}`);
  }
  return claim as readonly string[];
}

function infoOf({ info }: JWTPayload): string | undefined {
  if (info === undefined) return undefined;
  const text = JSON.stringify(info);
  if (text.length > INFO_CHARS) throw refused(`the claim info is longer than ${INFO_CHARS} characters`);
  return text;
}

function refused(message: string): AuthError {
  return new AuthError("unauthenticated", message);
}
