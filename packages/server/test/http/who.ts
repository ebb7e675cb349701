import { signToken, type Identity, type TokenRequest } from "../../src/auth/index.ts";
import { systemClock } from "../../src/clock.ts";
import type { Options } from "../../src/options/index.ts";
import { ADMIN, ROBOT, type Setting } from "./harness.ts";
import { SECRET } from "../support/gateway.ts";

export { ADMIN, ROBOT } from "./harness.ts";

/** A server that takes tokens of `tokenOf`, and two API keys; others may come in only with one of them. */
export function authenticated(): Setting & { readonly env: Readonly<Record<string, string>> } {
  const grants = { hash: undefined, publish: ["#"], subscribe: ["#"] };
  const keys = [
    { name: "admin", key: ADMIN, admin: true, ...grants },
    { name: "robot", key: ROBOT, admin: false, ...grants },
  ];
  const change = (options: Options): Options => ({ ...options, auth: { ...options.auth, keys } });
  return { env: { AUTH_JWT_SECRET: SECRET }, change };
}

export function tokenOf(user: string, more: Partial<TokenRequest> = {}): Promise<string> {
  return signToken({ secret: SECRET, sub: user, ...more }, systemClock);
}

/** Who has no name: told apart by address. */
export const ANONYMOUS = { user: undefined, keyName: undefined, kind: "anonymous" } as Identity;
