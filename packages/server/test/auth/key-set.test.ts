import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { signToken } from "../../src/auth/index.ts";
import { locationReader } from "../../src/auth/key-set-reader.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { fixture, type KeyPair, refusal, withFolder } from "./support.ts";

interface Named {
  readonly kid: string | undefined;
  readonly pair: KeyPair;
}

function newKeyPair(kid: string | undefined): Named {
  return { kid, pair: generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}

function setOf(keys: readonly Named[]): string {
  return JSON.stringify({ keys: keys.map(({ kid, pair }) => ({ ...pair.publicKey.export({ format: "jwk" }), kid })) });
}

function tokenOf({ kid, pair }: Named, clock: FakeClock, sub = "ann"): Promise<string> {
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return signToken({ privateKey, algorithm: "ES256", sub, ...(kid === undefined ? {} : { keyId: kid }) }, clock);
}

/** A real HTTP server with a key set that can be changed, counted and taken away. */
async function withKeyServer(
  use: (server: {
    keys: readonly Named[];
    answer: () => Response | Promise<Response>;
    reads: number;
    env: { JWT_JWKS: string };
  }) => Promise<void>,
): Promise<void> {
  const state = {
    keys: [] as readonly Named[],
    answer: (): Response | Promise<Response> => new Response(setOf(state.keys)),
    reads: 0,
    env: { JWT_JWKS: "" },
  };
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      state.reads++;
      return state.answer();
    },
  });
  state.env.JWT_JWKS = `http://127.0.0.1:${server.port}/jwks.json`;
  await use(state);
}

test("A13 an unknown key id makes the set be read again, and keys rotate", async () => {
  await withKeyServer(async (server) => {
    const [one, two] = [newKeyPair("1"), newKeyPair("2")];
    server.keys = [one];
    const { clock, authenticate } = fixture(server.env, { fetch });
    expect(await authenticate(await tokenOf(one, clock))).toMatchObject({ user: "ann" });
    expect(server.reads).toBe(1);
    server.keys = [one, two];
    clock.advance(30_000);
    expect(await authenticate(await tokenOf(two, clock))).toMatchObject({ user: "ann" });
    expect(await authenticate(await tokenOf(one, clock, "bob"))).toMatchObject({ user: "bob" });
    expect(server.reads).toBe(2);
  });
});

test("A13 made-up key ids cause one reading in 30 seconds, and all who wait share it", async () => {
  await withKeyServer(async (server) => {
    server.keys = [newKeyPair("1")];
    const { clock, authenticate, authenticator } = fixture(server.env, { fetch });
    await authenticator.prepare();
    const bad = await Promise.all(Array.from({ length: 20 }, (_, i) => tokenOf(newKeyPair(`x${i}`), clock)));
    for (const token of bad) expect((await refusal(authenticate(token))).message).toContain("no key of auth.jwt.jwks");
    expect(server.reads).toBe(1);
    clock.advance(30_000);
    await Promise.all(bad.map((token) => refusal(authenticate(token))));
    expect(server.reads).toBe(2);
  });
});

test("A14 a key that is gone is not believed, nor a token that was remembered", async () => {
  await withKeyServer(async (server) => {
    const [one, two] = [newKeyPair("1"), newKeyPair("2")];
    server.keys = [one, two];
    const { clock, authenticate, authenticator } = fixture(server.env, { fetch });
    const token = await tokenOf(one, clock);
    await authenticate(token);
    server.keys = [two];
    clock.advance(599_999);
    expect(authenticator.authenticate(token)).toMatchObject({ user: "ann" });
    expect(server.reads).toBe(1);
    clock.advance(1);
    // Nobody waits for the reading that this one starts.
    expect(authenticator.authenticate(token)).toMatchObject({ user: "ann" });
    // A round through the same server: the reading before it has then ended too.
    await authenticator.prepare();
    await refusal(authenticate(token));
    expect(await authenticate(await tokenOf(two, clock))).toMatchObject({ user: "ann" });
  });
});

test("A15 while the URL is away the keys of before are used", async () => {
  await withKeyServer(async (server) => {
    const one = newKeyPair("1");
    server.keys = [one];
    const warnings: string[] = [];
    const logger = { warn: (fields: object, message: string) => void warnings.push(message + JSON.stringify(fields)) };
    const { clock, authenticate, authenticator } = fixture(server.env, { fetch, logger });
    await authenticator.prepare();
    for (const answer of [
      () => new Response("no", { status: 500 }),
      () => new Response("<html>"),
      () => new Response("{}"),
      () => new Response("[]"),
      () => new Response("null"),
      () => new Response('{"keys":5}'),
    ]) {
      server.answer = answer;
      clock.advance(600_000);
      await authenticator.prepare();
      expect(await authenticate(await tokenOf(one, clock))).toMatchObject({ user: "ann" });
    }
    expect(warnings.length).toBeGreaterThanOrEqual(6);
    expect(warnings.join()).toContain("status 500");
  });
});

test("A15 a set that was never read is a temporary refusal, until it can be read", async () => {
  await withKeyServer(async (server) => {
    const one = newKeyPair("1");
    server.keys = [one];
    const good = server.answer;
    server.answer = () => new Response("", { status: 404 });
    const { clock, authenticate, authenticator } = fixture(server.env, { fetch });
    expect((await refusal(authenticator.prepare(), "unavailable")).protocolError.temporary).toBe(true);
    const token = await tokenOf(one, clock);
    await refusal(authenticate(token), "unavailable");
    expect(server.reads).toBe(1);
    server.answer = good;
    clock.advance(30_000);
    expect(await authenticate(token)).toMatchObject({ user: "ann" });
  });
});

test("A16 a reading ends after 5 seconds", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const hang = (_url: string, init: RequestInit) =>
    new Promise<Response>((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      asked.resolve();
    });
  const read = locationReader("https://example.com/jwks", { clock, fetch: hang })();
  const failed = read.then(
    () => "read",
    (error: Error) => error.message,
  );
  await asked.promise;
  clock.advance(5000);
  expect(await failed).toBe("no answer within 5 s");
  expect(clock.timers).toBe(0);
});

test("A16 a reading ends at 1 MB and at 1,000 keys", async () => {
  await withKeyServer(async (server) => {
    const read = locationReader(server.env.JWT_JWKS, { clock: new FakeClock(), fetch });
    server.answer = () => new Response(" ".repeat(1024 * 1024 + 1));
    expect(read()).rejects.toThrow("larger than 1048576 bytes");
    server.answer = () => new Response(JSON.stringify({ keys: Array.from({ length: 1001 }, () => ({})) }));
    expect(read()).rejects.toThrow("at most 1000 keys");
    server.answer = () => new Response('{"keys":[5,null,[],{"kty":"x"}]}');
    expect(await read()).toEqual({ keys: [{ kty: "x" }] });
  });
});

test("A13 a file is read again too", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "jwks.json");
    const [one, two] = [newKeyPair("1"), newKeyPair("2")];
    writeFileSync(file, setOf([one]));
    const { clock, authenticate } = fixture({ JWT_JWKS: file });
    expect(await authenticate(await tokenOf(one, clock))).toMatchObject({ user: "ann" });
    writeFileSync(file, setOf([two]));
    clock.advance(30_000);
    expect(await authenticate(await tokenOf(two, clock))).toMatchObject({ user: "ann" });
  });
});

test("A17 a token without a key id is tried with every key that fits", async () => {
  await withKeyServer(async (server) => {
    const keys = ["1", "2", "3"].map(newKeyPair);
    server.keys = keys;
    const { clock, authenticate } = fixture(server.env, { fetch });
    for (const { pair } of keys)
      expect(await authenticate(await tokenOf({ kid: undefined, pair }, clock))).toMatchObject({ user: "ann" });
    const { message } = await refusal(authenticate(await tokenOf(newKeyPair(undefined), clock)));
    expect(message).toContain("signature");
  });
});

test("A3 a secret key in a set does not verify an HMAC", async () => {
  await withKeyServer(async (server) => {
    const k = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64url");
    server.answer = () => Response.json({ keys: [{ kty: "oct", k, kid: "1", alg: "HS256" }] });
    const { sign, authenticate } = fixture(server.env, { fetch });
    await refusal(authenticate(await sign({ keyId: "1" })));
  });
});
