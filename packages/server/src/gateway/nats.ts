import { readFileSync } from "node:fs";
import type { NatsAccess, NatsCredentials } from "../adapters/nats/options.ts";
import type { Options } from "../options/index.ts";
import { userInfoOf, withoutUser } from "../options/server-url.ts";

/**
 * What the options say of NATS; undefined where there is none.
 *
 * @throws Error with a sentence for the operator if a file cannot be read
 */
export function natsAccess({ log }: Pick<Options, "log">): NatsAccess | undefined {
  if (log.url === undefined) return undefined;
  const credentials = credentialsOf(log);
  return {
    servers: log.url.map(withoutUser),
    ...(credentials && { credentials }),
    ...(log.caFile !== undefined && { ca: textOf("log.caFile", log.caFile) }),
  };
}

function credentialsOf({ url = [], token, nkeyFile, credsFile }: Options["log"]): NatsCredentials | undefined {
  if (token !== undefined) return { kind: "token", token };
  if (nkeyFile !== undefined) return { kind: "nkey", seed: textOf("log.nkeyFile", nkeyFile).trim() };
  if (credsFile !== undefined) return { kind: "creds", text: textOf("log.credsFile", credsFile) };
  const info = url[0] === undefined ? undefined : userInfoOf(url[0]);
  if (info === undefined) return undefined;
  // A token stands where a user would: nats://token@host.
  if (info.password === undefined) return { kind: "token", token: info.user };
  return { kind: "password", user: info.user, password: info.password };
}

function textOf(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${option}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
