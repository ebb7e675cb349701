import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect } from "bun:test";
import {
  AuthError,
  type AuthParts,
  type AuthReason,
  authSettings,
  createAuthenticator,
  signToken,
  type TokenRequest,
} from "../../src/auth/index.ts";
import { loadOptions } from "../../src/options/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { TempDir } from "../support/temp-dir.ts";

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const SECRET = "0123456789abcdef0123456789abcdef";

/** The options that matter for authentication, as variables without `TIDEGATE_AUTH_`. */
export type AuthEnv = Readonly<Record<string, string>>;

export function settingsOf(auth: AuthEnv, other: AuthEnv = {}) {
  const env = Object.fromEntries(Object.entries(auth).map(([name, value]) => [`TIDEGATE_AUTH_${name}`, value]));
  return authSettings(loadOptions({ env: { ...env, ...other }, flags: {} }));
}

export const noFetch: AuthParts["fetch"] = () => Promise.reject(new Error("this test has no network"));

/** An authenticator with a clock to move, and what signs with its secret. */
export function fixture(auth: AuthEnv = { JWT_SECRET: SECRET }, parts: Partial<AuthParts> = {}) {
  const clock = new FakeClock();
  const authenticator = createAuthenticator(settingsOf(auth), { clock, fetch: noFetch, ...parts });
  const sign = (request: Partial<TokenRequest> = {}) => signToken({ secret: SECRET, sub: "ann", ...request }, clock);
  const authenticate = async (token: string | undefined) => authenticator.authenticate(token);
  return { clock, authenticator, sign, authenticate };
}

/** Waits for a refusal and returns it. */
export async function refusal(result: Promise<unknown>, reason: AuthReason = "unauthenticated"): Promise<AuthError> {
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AuthError);
  expect((error as AuthError).reason).toBe(reason);
  return error as AuthError;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Key pairs for each algorithm; RSA of 2,048 bits takes a moment, so one is made for all. */
export function keyPairs(): ReadonlyMap<string, KeyPair> {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
  return new Map<string, KeyPair>([
    ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((name) => [name, rsa] as const),
    ["ES256", curve("P-256")],
    ["ES384", curve("P-384")],
    ["ES512", curve("P-521")],
    ["EdDSA", generateKeyPairSync("ed25519")],
  ]);
}

export function publicPem({ publicKey }: KeyPair): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

export function privatePem({ privateKey }: KeyPair): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Runs `use` with a new folder and removes it. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  using folder = new TempDir("tidegate-auth");
  return await use(folder.path);
}
