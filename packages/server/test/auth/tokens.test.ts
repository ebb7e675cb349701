import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { signToken } from "../../src/auth/index.ts";
import { JWT_ALGORITHMS } from "../../src/options/table-auth.ts";
import { fixture, keyPairs, privatePem, publicPem, refusal, SECRET, withFolder } from "./support.ts";

const pairs = keyPairs();

test("A1 without a token a client is anonymous or refused; a wrong token is never anonymous", async () => {
  const open = fixture({});
  expect(open.authenticator.authenticate(undefined)).toMatchObject({ kind: "anonymous", user: undefined });
  expect(open.authenticator.authenticate("")).toBe(open.authenticator.authenticate(undefined));
  expect((await refusal(open.authenticate("wrong"))).message).toContain("auth.jwt is not set");
  await refusal(open.authenticate("tg_wrong"));
  expect((await refusal(fixture().authenticate(undefined))).message).toContain("a token is required");
  const mixed = fixture({ JWT_SECRET: SECRET, REQUIRED: "false" });
  expect(await mixed.authenticate(undefined)).toMatchObject({ kind: "anonymous" });
  await refusal(mixed.authenticate("a.b.c"));
});

test("A2 A32 every algorithm signs and verifies", async () => {
  const tested = new Set<string>();
  for (const algorithm of ["HS256", "HS384", "HS512"]) {
    const { sign, authenticate } = fixture();
    expect(await authenticate(await sign({ algorithm }))).toMatchObject({ user: "ann", kind: "user" });
    tested.add(algorithm);
  }
  await withFolder(async (folder) => {
    for (const [algorithm, pair] of pairs) {
      const file = join(folder, algorithm);
      writeFileSync(file, publicPem(pair));
      const { clock, authenticate } = fixture({ JWT_PUBLIC_KEY: file });
      const token = await signToken({ privateKey: privatePem(pair), algorithm, sub: "ann" }, clock);
      expect(await authenticate(token), algorithm).toMatchObject({ user: "ann", kind: "user" });
      const changed = `${token.slice(0, -8)}${token.slice(-8) === "AAAAAAAA" ? "BBBBBBBB" : "AAAAAAAA"}`;
      await refusal(authenticate(changed));
      tested.add(algorithm);
    }
  });
  expect(tested).toEqual(new Set(JWT_ALGORITHMS));
});

test("A3 a public key is no secret, a secret no public key, and none is nothing", async () => {
  await withFolder(async (folder) => {
    const pair = pairs.get("RS256")!;
    const file = join(folder, "key.pem");
    writeFileSync(file, publicPem(pair));
    const asymmetric = fixture({ JWT_PUBLIC_KEY: file });
    // The classic attack: an HMAC over the token with the text of the public key.
    await refusal(asymmetric.authenticate(await asymmetric.sign({ secret: publicPem(pair) })));
    const both = fixture({ JWT_PUBLIC_KEY: file, JWT_SECRET: SECRET });
    await refusal(both.authenticate(await both.sign({ secret: publicPem(pair) })));
    expect(await both.authenticate(await both.sign())).toMatchObject({ user: "ann" });
    const elliptic = { privateKey: privatePem(pairs.get("ES256")!), algorithm: "ES256", sub: "ann" };
    await refusal(asymmetric.authenticate(await signToken(elliptic, asymmetric.clock)));
  });
  const { authenticate, sign } = fixture({ JWT_SECRET: SECRET, JWT_ALGORITHMS: "HS512" });
  expect((await refusal(authenticate(await sign()))).message).toContain("allowed: HS512");
  const [, payload] = (await sign()).split(".");
  for (const alg of ["none", "None", "NONE", "", "RS256", "constructor"]) {
    const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
    await refusal(authenticate(`${header}.${payload}.`));
    await refusal(authenticate(`${header}.${payload}.AAAA`));
  }
});

test("A4 a token is refused after exp and before nbf, with the leeway", async () => {
  const { clock, sign, authenticate } = fixture();
  const token = await sign({ expiresIn: 60_000 });
  expect(await authenticate(token)).toMatchObject({ expires: clock.now() + 60_000, issued: clock.now() });
  clock.advance(64_000);
  const fresh = fixture();
  fresh.clock.advance(64_000);
  for (const each of [authenticate, fresh.authenticate]) expect(await each(token)).toMatchObject({ user: "ann" });
  clock.advance(1000);
  fresh.clock.advance(1000);
  for (const each of [authenticate, fixtureAt(clock.now()).authenticate])
    expect((await refusal(each(token), "token_expired")).message).toMatch(/^the token expired at 20/);
  expect((await refusal(fresh.authenticate(token), "token_expired")).protocolError.code).toBe(1005);
});

function fixtureAt(now: number) {
  const made = fixture();
  made.clock.advance(now - made.clock.now());
  return made;
}

/** A token with any claims, also those that signToken refuses. */
function raw(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

test("A4 nbf, and a token without an end", async () => {
  const { clock, authenticate } = fixture();
  const now = clock.now() / 1000;
  expect((await refusal(authenticate(await raw({ sub: "a", nbf: now + 6 })))).message).toContain("not valid yet");
  expect(await authenticate(await raw({ sub: "a", nbf: now + 5 }))).toMatchObject({ expires: undefined });
  clock.advance(1e12);
  expect(await authenticate(await raw({ sub: "a" }))).toMatchObject({ user: "a" });
});

test("A5 issuer and audience", async () => {
  const { sign, authenticate } = fixture({ JWT_SECRET: SECRET, JWT_ISSUER: "https://id", JWT_AUDIENCE: "chat" });
  expect(await authenticate(await sign({ issuer: "https://id", audience: "chat" }))).toMatchObject({ user: "ann" });
  expect((await refusal(authenticate(await sign({ audience: "chat" })))).message).toContain("claim iss is missing");
  expect((await refusal(authenticate(await sign({ issuer: "x", audience: "chat" })))).message).toContain("claim iss");
  expect((await refusal(authenticate(await sign({ issuer: "https://id", audience: "x" })))).message).toContain(
    "claim aud",
  );
  expect((await refusal(authenticate(await sign({ issuer: "https://id" })))).message).toContain("claim aud is missing");
});

test("A6 sub is one level of a topic", async () => {
  const { authenticate } = fixture();
  for (const sub of ["a", "x".repeat(128), "ann@example.com", "é 日本", "a$"])
    expect(await authenticate(await raw({ sub }))).toMatchObject({ user: sub });
  for (const sub of [
    "",
    "x".repeat(129),
    "a/b",
    "+",
    "a#",
    "$SYS",
    "a\u0000",
    "a\u007f",
    "\ud800",
    5,
    null,
    undefined,
    ["a"],
  ])
    expect((await refusal(authenticate(await raw({ sub })))).message).not.toContain("a/b");
});

test("A7 claims take the place of the default permissions, each for itself", async () => {
  const { authenticate } = fixture();
  const own = await authenticate(await raw({ sub: "a", publish: ["x/{user}"] }));
  expect(own.permissions.grants).toMatchObject({ publish: ["x/{user}"], subscribe: ["#"] });
  const none = await authenticate(await raw({ sub: "a", publish: [], subscribe: [] }));
  expect(none.permissions.mayPublish("a", "x")).toBe(false);
  const bad = ["#", {}, [5], ["a/#/b"], [""], ["{name}"], Array.from({ length: 201 }, () => "a"), null];
  for (const claim of bad)
    expect((await refusal(authenticate(await raw({ sub: "a", subscribe: claim })))).message).toContain(
      "claim subscribe",
    );
});

test("A8 info is passed on as JSON text", async () => {
  const { authenticate } = fixture();
  expect(await authenticate(await raw({ sub: "a", info: { name: "Ann" } }))).toMatchObject({ info: '{"name":"Ann"}' });
  expect(await authenticate(await raw({ sub: "a", info: null }))).toMatchObject({ info: "null" });
  expect((await authenticate(await raw({ sub: "a" }))).info).toBeUndefined();
  expect(await authenticate(await raw({ sub: "a", info: "x".repeat(1022) }))).toMatchObject({ user: "a" });
  await refusal(authenticate(await raw({ sub: "a", info: "x".repeat(1023) })));
});

test("A8 jti is text", async () => {
  const { authenticate } = fixture();
  expect(await authenticate(await raw({ sub: "a", jti: "t1" }))).toMatchObject({ tokenId: "t1" });
  await refusal(authenticate(await raw({ sub: "a", jti: 5 })));
  await refusal(authenticate(await raw({ sub: "a", jti: "x".repeat(257) })));
});

test("A11 a verified token is answered at once, as the same identity", async () => {
  const { authenticator, sign } = fixture();
  const token = await sign();
  const first = authenticator.authenticate(token);
  expect(first).toBeInstanceOf(Promise);
  const identity = await first;
  expect(authenticator.authenticate(token)).toBe(identity);
});

test("A12 the public key must be one", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "key.pem");
    const make = () => fixture({ JWT_PUBLIC_KEY: file });
    expect(make).toThrow("cannot be read");
    writeFileSync(file, "no key");
    expect(make).toThrow("is not a public key or certificate in PEM");
    writeFileSync(file, privatePem(pairs.get("ES256")!));
    expect(make).toThrow("holds a private key");
  });
});

test("A32 what the server would refuse is refused when it is made", async () => {
  const { clock } = fixture();
  await refusal(signToken({ secret: SECRET, sub: "a/b" }, clock));
  await refusal(signToken({ secret: SECRET, sub: "a", publish: ["#/a"] }, clock));
  await refusal(signToken({ secret: SECRET, sub: "a", info: "x".repeat(1025) }, clock));
  expect(signToken({ sub: "a" }, clock)).rejects.toThrow("a secret or a private key is needed");
  expect(signToken({ sub: "a", secret: SECRET, algorithm: "RS256" }, clock)).rejects.toThrow("needs a private key");
  expect(signToken({ sub: "a", privateKey: "x" }, clock)).rejects.toThrow("the algorithm must be named");
});
