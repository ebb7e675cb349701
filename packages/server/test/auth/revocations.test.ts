import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FileRevocationStore } from "../../src/adapters/file/revocations.ts";
import { createAuthenticator, hashKey, type Revocation, Revocations, signToken } from "../../src/auth/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { noFetch, refusal, SECRET, settingsOf, withFolder } from "./support.ts";

function revocable(auth: Record<string, string> = { JWT_SECRET: SECRET }) {
  const clock = new FakeClock();
  const revocations = new Revocations({ clock, limit: 3, keepMs: 10_000 });
  const authenticator = createAuthenticator(settingsOf(auth), { clock, fetch: noFetch, revocations });
  const authenticate = async (token: string) => authenticator.authenticate(token);
  return { clock, revocations, authenticate };
}

test("A27 a user's tokens of before are refused, later ones are not", async () => {
  const { clock, revocations, authenticate } = revocable();
  const old = await signToken({ secret: SECRET, sub: "ann" }, clock);
  const other = await signToken({ secret: SECRET, sub: "bob" }, clock);
  const identity = await authenticate(old);
  expect(revocations.isRevoked(identity)).toBe(false);
  clock.advance(500);
  revocations.revoke({ user: "ann" });
  expect(revocations.isRevoked(identity)).toBe(true);
  expect((await refusal(authenticate(old))).message).toContain("revoked");
  expect(await authenticate(other)).toMatchObject({ user: "bob" });
  // The same second: a token says whole seconds only, so it may be from before.
  await refusal(authenticate(await signToken({ secret: SECRET, sub: "ann", tokenId: "2" }, clock)));
  clock.advance(1000);
  expect(await authenticate(await signToken({ secret: SECRET, sub: "ann" }, clock))).toMatchObject({ user: "ann" });
  await refusal(authenticate(old));
});

test("A27 a token that does not say when it was made is refused too", () => {
  const clock = new FakeClock();
  const revocations = new Revocations({ clock });
  revocations.revoke({ user: "ann" });
  const identity = { kind: "user", user: "ann", keyName: undefined, issued: undefined, tokenId: undefined } as const;
  expect(revocations.isRevoked(identity as never)).toBe(true);
});

test("A28 a token id and a key are refused", async () => {
  const keys = JSON.stringify([{ name: "billing", hash: hashKey("tg_billing") }]);
  const { clock, revocations, authenticate } = revocable({ JWT_SECRET: SECRET, KEYS: keys });
  const token = await signToken({ secret: SECRET, sub: "ann", tokenId: "t1" }, clock);
  await authenticate(token);
  revocations.revoke({ tokenId: "t1" });
  await refusal(authenticate(token));
  expect(await authenticate(await signToken({ secret: SECRET, sub: "ann", tokenId: "t2" }, clock))).toMatchObject({
    tokenId: "t2",
  });
  expect(await authenticate("tg_billing")).toMatchObject({ keyName: "billing" });
  revocations.revoke({ key: "billing" });
  clock.advance(1e12);
  expect((await refusal(authenticate("tg_billing"))).message).toBe("the key was revoked");
});

test("A29 who listens is told, until it ends", () => {
  const { clock, revocations } = revocable();
  const heard: unknown[] = [];
  const end = revocations.listen((added, where) => heard.push([where, ...added]));
  revocations.revoke({ user: "ann", until: clock.now() + 5 });
  end();
  revocations.revoke({ tokenId: "t" });
  expect(heard).toEqual([["here", { kind: "user", id: "ann", before: clock.now(), until: clock.now() + 5 }]]);
});

test("A30 a revocation ends at its time, and at the limit a new one is an error", async () => {
  const { clock, revocations, authenticate } = revocable();
  const token = await signToken({ secret: SECRET, sub: "ann" }, clock);
  for (const user of ["ann", "bob", "eve"]) revocations.revoke({ user });
  expect(() => revocations.revoke({ user: "joe" })).toThrow("3 revocations are in force");
  revocations.revoke({ user: "ann" });
  await refusal(authenticate(token));
  clock.advance(10_000);
  expect(await authenticate(token)).toMatchObject({ user: "ann" });
  revocations.revoke({ user: "joe" });
  expect(revocations.all().map(({ id }) => id)).toEqual(["joe"]);
});

test("A31 stored revocations are in force after a restart", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "deep", "revocations.json");
    const { clock, revocations } = revocable();
    expect(await new FileRevocationStore(file).load()).toEqual([]);
    revocations.revoke({ user: "ann" });
    const store = new FileRevocationStore(file);
    await Promise.all([store.save(revocations.all()), store.save([]), store.save(revocations.all())]);
    const again = new Revocations({ clock });
    again.restore(await new FileRevocationStore(file).load());
    expect(again.all()).toEqual(revocations.all());
    expect(await readdir(join(folder, "deep"))).toEqual(["revocations.json"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    clock.advance(10_000);
    const late = new Revocations({ clock });
    late.restore(await store.load());
    expect(late.all()).toEqual([]);
  });
});

test("A31 a half-written new file does not hide the old one, and a damaged file is an error", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "revocations.json");
    const store = new FileRevocationStore(file);
    const all: Revocation[] = [{ kind: "token", id: "t", before: 1, until: 2 }];
    await store.save(all);
    writeFileSync(`${file}.new`, '[{"kind":"tok');
    expect(await store.load()).toEqual(all);
    await store.save(all);
    expect(await store.load()).toEqual(all);
    for (const damaged of [
      "",
      "{}",
      "[5]",
      '[{"kind":"x","id":"t","before":1,"until":2}]',
      '[{"kind":"key","id":"t","before":1}]',
    ]) {
      writeFileSync(file, damaged);
      expect(store.load()).rejects.toThrow(`${file} is damaged`);
    }
  });
});

test("A31 a save that fails is told, and the next one is tried", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "revocations.json");
    writeFileSync(join(folder, "blocked"), "");
    const blocked = new FileRevocationStore(join(folder, "blocked", "x.json"));
    expect(blocked.save([])).rejects.toThrow();
    const store = new FileRevocationStore(file);
    await store.save([]);
    expect(await store.load()).toEqual([]);
  });
});
