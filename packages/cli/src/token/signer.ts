import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Options } from "@tidegate/server";
import { CliError, EXIT, textOf, usageError } from "../exit.ts";

export interface SignerFlags {
  readonly privateKey?: string;
  readonly algorithm?: string;
  readonly keyId?: string;
}

export interface Signer {
  readonly secret?: string;
  readonly privateKey?: string;
  readonly algorithm: string | undefined;
  readonly keyId: string | undefined;
}

/** What signs: the private key of the flags, else the configured secret. Throws a CliError that says what to do. */
export function signerOf({ auth: { jwt } }: Options, flags: SignerFlags, read: (file: string) => string): Signer {
  const { algorithm, keyId } = flags;
  if (flags.privateKey === undefined) {
    if (jwt.secret === undefined) throw new CliError(NO_SECRET, EXIT.usage);
    return { secret: jwt.secret, algorithm: algorithm ?? jwt.algorithms.find((name) => name.startsWith("HS")), keyId };
  }
  const pem = readKey(flags.privateKey, read);
  return { privateKey: pem.text, algorithm: algorithm ?? fitting(pem.key, jwt.algorithms), keyId };
}

const NO_SECRET = `there is no secret to sign with. Set auth.jwt.secret in tidegate.yaml, or for this shell:
  export TIDEGATE_AUTH_JWT_SECRET=$(openssl rand -hex 32)
A server needs the same one to accept the token. With an asymmetric key: --private-key FILE.`;

function readKey(file: string, read: (file: string) => string): { readonly text: string; readonly key: KeyObject } {
  let text: string;
  try {
    text = read(file);
  } catch (error) {
    throw usageError(`--private-key cannot be read: ${textOf(error)}`);
  }
  try {
    return { text, key: createPrivateKey(text) };
  } catch {
    throw usageError(`--private-key ${file}: it is no private key in PEM form`);
  }
}

/** The first algorithm that the server accepts for this kind of key; its usual one if the server names none. */
function fitting(key: KeyObject, allowed: readonly string[]): string {
  const names = algorithmsOf(key);
  const [usual] = names;
  if (usual === undefined) throw usageError(`--private-key: tokens are not signed with ${key.asymmetricKeyType} keys`);
  return names.find((name) => allowed.includes(name)) ?? usual;
}

/** RFC 7518, 3.1 and RFC 8037, 3.1. */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  if (asymmetricKeyType === "rsa") return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
  if (asymmetricKeyType === "ed25519") return ["EdDSA"];
  return asymmetricKeyType === "ec" ? (CURVES.get(asymmetricKeyDetails?.namedCurve ?? "") ?? []) : [];
}

const CURVES = new Map([
  ["prime256v1", ["ES256"]],
  ["secp384r1", ["ES384"]],
  ["secp521r1", ["ES512"]],
]);
