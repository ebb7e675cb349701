import { expect, test } from "bun:test";
import { Fault } from "../../src/options/fault.ts";
import { readKeys } from "../../src/options/keys.ts";

const HASH = "ab".repeat(32);
const KEY = "tg_0123456789abcdef";

test("O17 a key has a name and either a hash or a key", () => {
  const full = { name: "billing", hash: HASH.toUpperCase(), publish: ["bill/#"], subscribe: ["#"], admin: true };
  expect(readKeys([full, { name: "dev", key: KEY }])).toEqual([
    { ...full, hash: HASH, key: undefined },
    { name: "dev", hash: undefined, key: KEY, publish: [], subscribe: [], admin: false },
  ]);
  expect(readKeys(JSON.stringify([{ name: "a", hash: HASH }]))).toHaveLength(1);
});

test("O17 O25 what is wrong with a key is told without the key", () => {
  const bad: [unknown, string][] = [
    [{}, "key 1: name must be"],
    [{ name: "a/b", hash: HASH }, "key 1: name must be"],
    [{ name: "a" }, "key 1: needs either hash or key"],
    [{ name: "a", hash: HASH, key: KEY }, "key 1: needs either hash or key"],
    [{ name: "a", hash: "secret-secret" }, "key 1: hash must be"],
    [{ name: "a", key: "secret-secret-secret" }, "key 1: key must begin with tg_"],
    [{ name: "a", key: "tg_short" }, "key 1: key must begin with tg_"],
    [{ name: "a", hash: HASH, pubish: [] }, 'key 1: unknown field "pubish" (did you mean "publish"?)'],
    [{ name: "a", hash: HASH, publish: "x" }, "key 1: publish must be a list"],
    [{ name: "a", hash: HASH, publish: [1] }, "key 1: publish must be a list"],
    [{ name: "a", hash: HASH, subscribe: ["#/a"] }, 'key 1: subscribe: "#/a" is not a topic pattern'],
    [{ name: "a", hash: HASH, subscribe: ["user/{user}"] }, "key 1: subscribe: a key has no user"],
    [{ name: "a", hash: HASH, admin: "yes" }, "key 1: admin must be"],
    ["text", "key 1: must be a map"],
  ];
  for (const [entry, message] of bad) {
    const fault = readKeys([entry]);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).message).toStartWith(message);
    expect((fault as Fault).message).not.toContain("secret");
  }
  expect(
    readKeys([
      { name: "a", hash: HASH },
      { name: "a", hash: HASH },
    ]),
  ).toEqual(new Fault('key 2: the name "a" is taken'));
  for (const raw of [{}, 5, "a: b", "[", Array.from({ length: 10_001 })]) expect(readKeys(raw)).toBeInstanceOf(Fault);
});
