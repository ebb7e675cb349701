import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  AuthError,
  createAuthenticator,
  mayPublish,
  maySubscribe,
  Revocations,
  signToken,
} from "../../src/auth/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { noFetch, refusal, SECRET, settingsOf } from "./support.ts";

const CHEAP = { algorithm: "argon2id", memoryCost: 8, timeCost: 1 } as const;
const ANN = await Bun.password.hash("ann's", CHEAP);
const BOB = await Bun.password.hash("bob's", { algorithm: "bcrypt", cost: 4 });
const USERS = [
  { name: "ann", hash: ANN, publish: ["user/bob"], subscribe: ["$SYS/{user}/#"] },
  { name: "bob", hash: BOB, admin: true },
];

/** An authenticator whose verifications are counted, and end when the test lets them. */
function held(users: readonly object[] = USERS, verifications = 1) {
  const clock = new FakeClock();
  const revocations = new Revocations({ clock, hasPassword: (name) => name === "ann" });
  const started: { password: string; hash: string; end: () => void }[] = [];
  const verifyPassword = async (password: string, hash: string): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    started.push({ password, hash, end: () => resolve(undefined) });
    await promise;
    return Bun.password.verify(password, hash);
  };
  const auth = { JWT_SECRET: SECRET, USERS: JSON.stringify(users), USER_PERMISSIONS_PUBLISH: "all/#" };
  const parts = { clock, fetch: noFetch, revocations, verifyPassword, verifications };
  const authenticator = createAuthenticator(settingsOf(auth), parts);
  const signIn = async (name: string, password?: string) => authenticator.signIn(name, password);
  const signInNow = (name: string, password?: string) => {
    const result = signIn(name, password);
    started.at(-1)?.end();
    return result;
  };
  return { authenticator, clock, revocations, started, signIn, signInNow };
}

test("A33 a name and its password are a user with the permissions of all users and its own", async () => {
  const { signInNow } = held();
  const ann = await signInNow("ann", "ann's");
  expect(ann).toMatchObject({ kind: "user", user: "ann", keyName: undefined, expires: undefined, tokenId: undefined });
  expect(["all/1", "user/bob", "other"].map((topic) => mayPublish(ann, topic))).toEqual([true, true, false]);
  expect(
    ["chat/#", "user/ann/#", "$SYS/ann/x", "$SYS/bob/x", "user/bob"].map((name) => maySubscribe(ann, name)),
  ).toEqual([true, true, true, false, false]);
  const bob = await signInNow("bob", "bob's");
  expect([ann.permissions.admin, bob.permissions.admin, mayPublish(bob, "user/bob")]).toEqual([false, true, false]);
});

test("A34 a wrong password and an unknown name are refused in the same words, and cost the same verification", async () => {
  const { signInNow, started } = held();
  const messages = new Set<string>();
  const wrong = ["bob's", "ann", " ann's", "ann's ", "ANN'S", ANN];
  const tries = [...wrong.map((password) => ["ann", password]), ["eve", "ann's"], ["", "x"], ["ann\n", "ann's"]];
  for (const [name = "", password = ""] of tries) {
    messages.add((await refusal(signInNow(name, password))).message);
    expect(started.at(-1)?.password).toBe(password);
  }
  expect([...messages]).toEqual(["the user name or the password is wrong"]);
  expect(started).toHaveLength(tries.length);
  for (const { hash } of started) expect([ANN, BOB]).toContain(hash);
});

test("A34 the hash for an unknown name is that of some user, and the same each time", async () => {
  const { signInNow, started } = held();
  const names = Array.from({ length: 20 }, (_, i) => `nobody-${i}`);
  for (const name of [...names, ...names]) await refusal(signInNow(name, "ann's"));
  const hashes = started.map(({ hash }) => hash);
  expect(hashes.slice(20)).toEqual(hashes.slice(0, 20));
  expect(new Set(hashes)).toEqual(new Set([ANN, BOB]));
});

test("A34 a password longer than a token may be is refused unverified", async () => {
  const { signIn, started } = held();
  expect((await refusal(signIn("ann", "x".repeat(8193)))).message).toBe("the password is longer than 8192 characters");
  expect(started).toHaveLength(0);
});

test("A35 a password that was verified is answered at once; a wrong one never is", async () => {
  const { authenticator, signInNow, started } = held();
  const ann = await signInNow("ann", "ann's");
  for (let i = 0; i < 3; i++) expect(authenticator.signIn("ann", "ann's")).toBe(ann);
  expect(started).toHaveLength(1);
  await refusal(signInNow("ann", "wrong"));
  await refusal(signInNow("ann", "wrong"));
  expect(started).toHaveLength(3);
  // What ann is remembered by opens no other name.
  await refusal(signInNow("bob", "ann's"));
  await refusal(signInNow("eve", "ann's"));
  expect(started).toHaveLength(5);
  expect(authenticator.signIn("ann", "ann's")).toBe(ann);
});

test("A36 the same name and password that are being verified are verified once", async () => {
  const { signIn, started } = held();
  const all = [1, 2, 3].map(() => signIn("ann", "ann's"));
  const wrong = [1, 2, 3].map(() => signIn("ann", "wrong"));
  expect(started).toHaveLength(1);
  started[0]?.end();
  const [first, ...others] = await Promise.all(all);
  expect(others).toEqual([first!, first!]);
  while (started.length < 2) await Promise.resolve();
  started[1]?.end();
  for (const each of wrong) await refusal(each);
  expect(started).toHaveLength(2);
});

test("A37 a few are verified at once, a hundred wait in their order, and more are refused for the moment", async () => {
  const { authenticator, signIn, started } = held(USERS, 2);
  const done: string[] = [];
  const flood = Array.from({ length: 102 }, (_, i) => {
    const password = i === 101 ? "ann's" : `wrong ${i}`;
    return signIn("ann", password).then(
      () => done.push("in"),
      () => done.push(password),
    );
  });
  expect(started).toHaveLength(2);
  const error = await refusal(signIn("ann", "one more"), "unavailable");
  expect(error.message).toBe("too many passwords are being verified; try again in a few seconds");
  expect(error.protocolError.temporary).toBeTrue();
  for (let i = 0; i < 102; i++) {
    while (started.length <= i) await Promise.resolve();
    expect(started.length).toBeLessThanOrEqual(i + 2);
    started[i]?.end();
    while (done.length <= i) await new Promise(setImmediate);
  }
  await Promise.all(flood);
  expect(done).toEqual([...Array.from({ length: 101 }, (_, i) => `wrong ${i}`), "in"]);
  // The places are free again, and who is remembered never waits.
  const late = [signIn("bob", "bob's"), signIn("ann", "wrong")];
  expect(started).toHaveLength(104);
  expect(authenticator.signIn("ann", "ann's")).toMatchObject({ user: "ann" });
  for (const each of started) each.end();
  await refusal(late[1]!);
  expect(await late[0]).toMatchObject({ user: "bob" });
});

test("A38 a user who was revoked is refused, also while the password is verified, and for good", async () => {
  const { authenticator, clock, revocations, signIn, signInNow, started } = held();
  const ann = await signInNow("ann", "ann's");
  revocations.revoke({ user: "ann" });
  expect(revocations.isRevoked(ann)).toBeTrue();
  expect((await refusal(signInNow("ann", "ann's"))).message).toContain("revoked");
  expect(started).toHaveLength(2);
  clock.advance(1e12);
  await refusal(signInNow("ann", "ann's"));
  const bob = signIn("bob", "bob's");
  revocations.revoke({ user: "bob", until: clock.now() + 10 });
  started.at(-1)?.end();
  await refusal(bob);
  clock.advance(10);
  expect(await signInNow("bob", "bob's")).toMatchObject({ user: "bob" });
  const verified = started.length;
  expect(authenticator.signIn("bob", "bob's")).toMatchObject({ user: "bob" });
  revocations.revoke({ user: "bob", until: clock.now() + 10 });
  clock.advance(10);
  expect(await signInNow("bob", "bob's")).toMatchObject({ user: "bob" });
  expect(started).toHaveLength(verified + 1);
});

test("A39 a password that was set after the revocation is taken; a time to come shields from none", async () => {
  const now = new FakeClock().now();
  const since = (ms: number) => new Date(now + ms).toISOString();
  const users = [
    { name: "old", hash: ANN, since: since(-2000) },
    { name: "new", hash: ANN, since: since(-500) },
    { name: "later", hash: ANN, since: since(1e9) },
  ];
  const { clock, revocations, signInNow } = held(users);
  const stored = { kind: "user", before: now - 1000, until: now + 1e12 } as const;
  revocations.restore(users.map(({ name }) => ({ ...stored, id: name })));
  await refusal(signInNow("old", "ann's"));
  expect(await signInNow("new", "ann's")).toMatchObject({ user: "new", issued: now - 500 });
  expect(await signInNow("later", "ann's")).toMatchObject({ issued: now });
  clock.advance(1);
  revocations.revoke({ user: "later" });
  await refusal(signInNow("later", "ann's"));
});

test("A40 a password that has the form of a token is one: the name beside it is ignored", async () => {
  const { authenticator, signIn, started } = held([...USERS, { name: "joe", hash: ANN }]);
  const token = await signToken({ secret: SECRET, sub: "zoe" }, new FakeClock());
  for (const name of ["zoe", "ann", "anything", ""]) expect(await signIn(name, token)).toMatchObject({ user: "zoe" });
  expect(authenticator.signIn("ann", token)).toBe(await authenticator.authenticate(token));
  expect((await refusal(signIn("ann", "tg_no-such-key"))).message).toContain("API key");
  expect((await refusal(signIn("ann", `${token}x`))).message).toContain("token");
  expect(started).toHaveLength(0);
});

test("A40 two dots alone make no token of a password", async () => {
  const hash = await Bun.password.hash("my.own.password", CHEAP);
  const { signInNow } = held([{ name: "ann", hash }]);
  expect(await signInNow("ann", "my.own.password")).toMatchObject({ user: "ann" });
});

test("A41 a name without a password is anonymous, and refused where a token is required", async () => {
  const { signIn } = held();
  for (const password of [undefined, ""])
    expect((await refusal(signIn("ann", password))).message).toBe(
      "a token is required: send a JWT or an API key, or sign in with a user name and a password",
    );
  const env = { USERS: JSON.stringify(USERS), REQUIRED: "false", ANONYMOUS_SUBSCRIBE: "news/#" };
  const authenticator = createAuthenticator(settingsOf(env), { clock: new FakeClock(), fetch: noFetch });
  expect(await authenticator.signIn("ann", undefined)).toMatchObject({ kind: "anonymous", user: undefined });
  await refusal(Promise.resolve().then(() => authenticator.signIn("ann", "wrong")));
});

test("A41 a server without users says so", async () => {
  const authenticator = createAuthenticator(settingsOf({}), { clock: new FakeClock(), fetch: noFetch });
  const error = await refusal(Promise.resolve().then(() => authenticator.signIn("ann", "secret")));
  expect(error.message).toBe("this server takes no passwords: auth.users is not set");
});

test("A33 the real verification is off the main thread: timers go on meanwhile", async () => {
  const hash = await Bun.password.hash("slow", { algorithm: "argon2id", memoryCost: 32_768, timeCost: 2 });
  const auth = { USERS: JSON.stringify([{ name: "ann", hash }]) };
  const authenticator = createAuthenticator(settingsOf(auth), { clock: new FakeClock(), fetch: noFetch });
  const order: string[] = [];
  const signedIn = Promise.resolve(authenticator.signIn("ann", "slow")).then(() => order.push("signed in"));
  await new Promise(setImmediate);
  order.push("a turn of the loop");
  await signedIn;
  expect(order).toEqual(["a turn of the loop", "signed in"]);
});

test("A43 what mosquitto_passwd made is verified", async () => {
  // Made by mosquitto_passwd 2.0: by default, with -I 1000 and with -H sha512.
  const users = [
    "ann:$7$101$tF+nZ9yXrF6cHO3E$usBSA9N7zbaszSHIkaT3wN9mnbaIFBA5P1w5BnZFh3juAJAAjNxrrVdaept0JWLyIQR61i91a2t3oBwrHsbzgA==",
    "bob:$7$1000$GZXCJD+iRdxI3puz$sVTODARHGmsRgFzzyhmYaq7hIwcwURCQhT2lPtuKAfj77kNRFi3ULvNQ6byyYRGA3BmorkUwkH4nt4YsA1qQPQ==",
    "eve:$6$XHeh9HbpAcUcUvwW$NvHe2CQeVD+J1JBW/rszty9bGsd5+uUXEl1pcF4M1dKc2nbNkxU7d7J31f3BPSEaXpGqhyG512ByFPXPzgS2CQ==",
  ].map((line) => ({ name: line.slice(0, 3), hash: line.slice(4) }));
  const env = { USERS: JSON.stringify(users) };
  const authenticator = createAuthenticator(settingsOf(env), { clock: new FakeClock(), fetch: noFetch });
  const passwords = new Map([
    ["ann", "ann's pässword"],
    ["bob", "bob"],
    ["eve", "eve"],
  ]);
  for (const [name, password] of passwords) {
    await refusal(Promise.resolve(authenticator.signIn(name, `${password} `)));
    expect(await authenticator.signIn(name, password)).toMatchObject({ user: name });
  }
  await refusal(Promise.resolve(authenticator.signIn("bob", "eve")));
});

test("A34 A9 any name and password end with an identity or a refusal that holds neither", async () => {
  const env = { USERS: JSON.stringify(USERS) };
  const real = createAuthenticator(settingsOf(env), { clock: new FakeClock(), fetch: noFetch });
  const text = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: "binary", maxLength: 30 }), fc.constant("ann"));
  const property = fc.asyncProperty(text, text, async (name, password) => {
    const marked = `${password}§${name}`;
    const error = await Promise.resolve()
      .then(() => real.signIn(name, marked))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuthError);
    expect((error as AuthError).message).not.toContain("§");
  });
  await fc.assert(property, { numRuns: 200 });
});
