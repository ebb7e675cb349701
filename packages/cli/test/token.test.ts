import { afterAll, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  authSettings,
  createAuthenticator,
  hashKey,
  loadOptions,
  type Options,
  Revocations,
  systemClock,
} from "@tidegate/server";
import { runHere } from "./support/here.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

const SECRET = "a secret of more than 32 characters";
const env = { TIDEGATE_AUTH_JWT_SECRET: SECRET };

const dir = new TempDir("tidegate-cli");
afterAll(dir.remove);

/** Who the server with these options takes the bearer for. */
async function identify(options: Options, bearer: string) {
  const parts = { clock: systemClock, fetch, revocations: new Revocations({ clock: systemClock }) };
  const logger = { info() {}, warn() {}, error() {}, debug() {} };
  const authenticator = createAuthenticator(authSettings(options), { ...parts, logger });
  await authenticator.prepare();
  return authenticator.authenticate(bearer);
}

function claims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
}

test("K34 the token, and nothing else, is printed; the server takes it for the user", async () => {
  const { code, out, err } = await runHere(["token", "--user", "ann"], { env });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(await identify(loadOptions({ env, flags: {} }), out.trim())).toMatchObject({ user: "ann" });
});

test("K34 claims are those of the flags, issuer and audience those of the configuration", async () => {
  const flags = [
    "--expires",
    "2h",
    "--publish",
    "a/#",
    "--publish",
    "b",
    "--subscribe",
    "c",
    "--info",
    '{"x":1}',
    "--id",
    "t1",
  ];
  const more = { ...env, TIDEGATE_AUTH_JWT_ISSUER: "us", TIDEGATE_AUTH_JWT_AUDIENCE: "them" };
  const { out } = await runHere(["token", "--user", "ann", ...flags], { env: more });
  const { iat, exp, ...rest } = claims(out) as { iat: number; exp: number };
  expect(exp - iat).toBe(7200);
  expect(rest).toEqual({
    sub: "ann",
    publish: ["a/#", "b"],
    subscribe: ["c"],
    info: { x: 1 },
    jti: "t1",
    iss: "us",
    aud: "them",
  });
  const { out: lasting } = await runHere(["token", "--user", "ann", "--expires", "never"], { env });
  expect(claims(lasting)).not.toContainKey("exp");
});

test.each([
  [["--user", "ann"], {}, "export TIDEGATE_AUTH_JWT_SECRET="],
  [[], env, "--user is missing"],
  [["--user", "ann", "--expires", "soon"], env, "It must be a duration from 1s"],
  [["--user", "ann", "--info", "{"], env, "It must be JSON"],
  [["--user", "a/b"], env, "sub"],
  [["--user", "ann", "--private-key", "/nowhere"], env, "--private-key cannot be read"],
  [["--user", "ann", "--algorithm", "RS256"], env, "RS256 needs a private key"],
])("K35 token %j with %j says what is wrong", async (args, given, message) => {
  const { code, out, err } = await runHere(["token", ...args], { env: given as Record<string, string> });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(err).not.toContain(SECRET);
});

test.each([
  ["ec", "ES256"],
  ["ed25519", "EdDSA"],
  ["rsa", "RS256"],
])("K36 an %s key signs with %s, and the server takes it", async (kind, algorithm) => {
  const pair = newPair(kind);
  const [secret, open] = [join(dir.path, `${kind}.pem`), join(dir.path, `${kind}.pub`)];
  writeFileSync(secret, pair.privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(open, pair.publicKey.export({ type: "spki", format: "pem" }));
  const given = { TIDEGATE_AUTH_JWT_PUBLIC_KEY: open };
  const { out, err } = await runHere(["token", "--user", "ann", "--private-key", secret], { env: given });
  expect(err).toBe("");
  expect(JSON.parse(Buffer.from(out.split(".")[0] ?? "", "base64url").toString())).toMatchObject({ alg: algorithm });
  expect(await identify(loadOptions({ env: given, flags: {} }), out.trim())).toMatchObject({ user: "ann" });
});

test("K37 an API key is printed alone, its lines for the file beside it; the server takes the key", async () => {
  const { code, out, err } = await runHere(["token", "key", "--name", "shop", "--publish", "orders/#", "--admin"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^tg_[\w-]{43}\n$/);
  expect(err).not.toContain(out.trim());
  const file = join(dir.path, "key.yaml");
  writeFileSync(file, err.slice(err.indexOf("auth:")));
  const options = loadOptions({ file, env: {}, flags: {} });
  expect(options.auth.keys).toEqual([
    { name: "shop", hash: hashKey(out.trim()), key: undefined, publish: ["orders/#"], subscribe: ["#"], admin: true },
  ]);
  expect(await identify(options, out.trim())).toBeDefined();
});

test("K37 a name that the file could not hold is refused", async () => {
  const { code, out } = await runHere(["token", "key", "--name", "two words"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
});

function newPair(kind: string) {
  if (kind === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return kind === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
}
