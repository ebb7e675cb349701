import { expect, test } from "bun:test";
import { hashKey, mayPublish, maySubscribe, newKey } from "../../src/auth/index.ts";
import { fixture, refusal } from "./support.ts";

const KEY = newKey((bytes) => bytes.fill(7));

test("A18 a key carries its entry's permissions and name", async () => {
  const entries = [
    { name: "other", hash: hashKey("tg_other"), publish: ["#"] },
    { name: "billing", hash: hashKey(KEY), publish: ["bill/#"], subscribe: ["user/+"], admin: true },
    { name: "dev", key: "tg_development-key" },
  ];
  const { authenticator, authenticate } = fixture({ KEYS: JSON.stringify(entries) });
  const identity = await authenticate(KEY);
  expect(identity).toMatchObject({ kind: "key", keyName: "billing", user: undefined });
  expect(identity.permissions.admin).toBe(true);
  expect([mayPublish(identity, "bill/1"), mayPublish(identity, "chat")]).toEqual([true, false]);
  expect([maySubscribe(identity, "user/bob"), maySubscribe(identity, "#")]).toEqual([true, false]);
  expect(authenticator.authenticate(KEY)).toBe(identity);
  expect((await authenticate("tg_development-key")).permissions.admin).toBe(false);
  for (const wrong of ["tg_", `${KEY}x`, KEY.slice(0, -1), "tg_é\ud800"]) await refusal(authenticate(wrong));
  await refusal(authenticate(hashKey(KEY)));
});

test("A19 a new key has 32 random bytes, and its hash is what the options take", () => {
  expect(KEY).toBe(`tg_${Buffer.alloc(32, 7).toString("base64url")}`);
  expect(KEY).toHaveLength(46);
  expect(hashKey("tg_abc")).toBe(new Bun.CryptoHasher("sha256").update("tg_abc").digest("hex"));
  const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
  expect(new Set(Array.from({ length: 100 }, () => newKey(random))).size).toBe(100);
});
