import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CryptoKey, JWK } from "jose";
import type { Clock } from "../clock.ts";
import type { Options } from "../options/index.ts";
import { AuthError } from "./auth-error.ts";
import { KeySet } from "./key-set.ts";
import { locationReader } from "./key-set-reader.ts";

export type VerifyKey = KeyObject | CryptoKey | JWK;

/** Structured lines, as pino takes them. */
export interface AuthLogger {
  warn(fields: object, message: string): void;
}

/** Where the keys of tokens come from: a secret for HS*, one public key or a key set for all others. */
export interface KeySources {
  readonly secret: KeyObject | undefined;
  readonly publicKey: KeyObject | undefined;
  readonly keySet: KeySet | undefined;
}

interface SourceParts {
  readonly clock: Clock;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly logger?: AuthLogger;
  /** The keys of the key set are other ones now. */
  readonly changed: () => void;
}

/** @returns undefined if no key for tokens is configured */
export function keySources(jwt: Options["auth"]["jwt"], parts: SourceParts): KeySources | undefined {
  if (jwt.secret === undefined && jwt.publicKey === undefined && jwt.jwks === undefined) return undefined;
  return {
    secret: jwt.secret === undefined ? undefined : createSecretKey(jwt.secret, "utf8"),
    publicKey: jwt.publicKey === undefined ? undefined : readPublicKey(jwt.publicKey),
    keySet: jwt.jwks === undefined ? undefined : new KeySet({ ...parts, read: locationReader(jwt.jwks, parts) }),
  };
}

/** @throws AuthError naming the file */
function readPublicKey(path: string): KeyObject {
  const pem = readPem(path);
  // createPublicKey would take the public half of a private key, which has no place on a server that only verifies.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw new AuthError("unavailable", `auth.jwt.publicKey: ${path} holds a private key; give its public key`);
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new AuthError("unavailable", `auth.jwt.publicKey: ${path} is not a public key or certificate in PEM`, {
      cause,
    });
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new AuthError("unavailable", `auth.jwt.publicKey: ${path} cannot be read`, { cause });
  }
}
