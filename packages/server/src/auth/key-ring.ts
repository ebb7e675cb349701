import { timingSafeEqual } from "node:crypto";
import type { KeyOption } from "../options/spec.ts";
import { hashKey } from "./api-key.ts";
import { AuthError } from "./auth-error.ts";
import type { Identity } from "./identity.ts";
import type { PermissionPool } from "./permissions.ts";

interface Entry {
  readonly hash: Buffer;
  readonly identity: Identity;
}

/** The configured API keys. Kept as hashes; a key in plain text is hashed at the start. */
export class KeyRing {
  readonly #entries: readonly Entry[];

  constructor(keys: readonly KeyOption[], pool: PermissionPool) {
    this.#entries = keys.map((key) => ({ hash: hashOf(key), identity: keyIdentity(key, pool) }));
  }

  /** Looks at every key, equal or not, so that the time tells nothing. @throws AuthError */
  find(key: string): Identity {
    const hash = Buffer.from(hashKey(key), "hex");
    let found: Identity | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, hash)) found = entry.identity;
    if (found === undefined) throw new AuthError("unauthenticated", "the API key is not one of auth.keys");
    return found;
  }
}

function hashOf({ hash, key }: KeyOption): Buffer {
  return Buffer.from(hash ?? hashKey(key ?? ""), "hex");
}

function keyIdentity({ name, publish, subscribe, admin }: KeyOption, pool: PermissionPool): Identity {
  return {
    user: undefined,
    kind: "key",
    keyName: name,
    issued: undefined,
    expires: undefined,
    tokenId: undefined,
    info: undefined,
    permissions: pool.of({ publish, subscribe, admin, wildcardsReachUsers: true, ownTopic: false }),
  };
}
