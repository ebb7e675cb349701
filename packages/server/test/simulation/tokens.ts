import { AuthError, type Authenticator, type Identity } from "../../src/auth/index.ts";
import { PermissionPool } from "../../src/auth/permissions.ts";
import type { Clock } from "../../src/clock.ts";
import type { Random } from "../support/random.ts";

const POOL = new PermissionPool();

/** A token is `<user>|<end in milliseconds, or nothing>`; checking it takes no time, a turn or some milliseconds. */
export function simulatedAuthenticator(clock: Clock, random: Random): Authenticator {
  return {
    prepare: () => Promise.resolve(),
    signIn: () => {
      throw new Error("nobody signs in with a password here");
    },
    authenticate: (token) => {
      const identity = identityOf(token);
      if (identity.expires !== undefined && identity.expires <= clock.now())
        throw new AuthError("token_expired", "the token's time is over");
      if (token === undefined || random.chance(0.4)) return identity;
      if (random.chance(0.5)) return Promise.resolve(identity);
      return new Promise((resolve) => clock.after(random.int(1, 30), () => resolve(identity)));
    },
  };
}

export function tokenOf(user: string, expires: number | undefined): string {
  return `${user}|${expires ?? ""}`;
}

function identityOf(token: string | undefined): Identity {
  const [user, expires] = token?.split("|") ?? [];
  const grants = { publish: ["#"], subscribe: ["#"], admin: false, wildcardsReachUsers: true, ownTopic: true };
  return {
    user,
    kind: user === undefined ? "anonymous" : "user",
    keyName: undefined,
    issued: undefined,
    expires: expires === undefined || expires === "" ? undefined : Number(expires),
    tokenId: undefined,
    info: undefined,
    permissions: POOL.of(grants),
  };
}
