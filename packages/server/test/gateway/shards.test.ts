import { expect, test } from "bun:test";
import fc from "fast-check";
import { fnv1a, layoutOf, shardOf, shardsFault, shardsOf } from "../../src/gateway/shards.ts";
import { loadOptions } from "../../src/options/index.ts";

/** Vectors of the authors of FNV: http://www.isthe.com/chongo/src/fnv/test_fnv.c */
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
  ["chongo was here!\n", 0xd49930d5],
])("D60 the hash of %j is that of FNV-1a", (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

test("D60 a topic with other letters is hashed by its UTF-8, and every topic is in one of its namespace's streams", () => {
  expect(fnv1a("é")).toBe(
    Buffer.from("é").reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0,
  );
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(),
      (namespace, rest, streams, wish) => {
        const spread = { streams, shards: (wish % streams) + 1 };
        const topic = `${namespace}/${rest}`;
        expect(shardsOf(namespace, spread)).toContain(shardOf(topic, namespace, spread));
        expect(new Set(shardsOf(namespace, spread)).size).toBe(spread.shards);
      },
    ),
  );
});

test("D60 topics are spread evenly", () => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 10_000; i++) counts[shardOf(`chat/room_${i}`, "chat", { streams: 4, shards: 4 })]! += 1;
  for (const count of counts) expect(Math.abs(count - 2500)).toBeLessThan(250);
});

function optionsOf(env: Record<string, string>) {
  const named = Object.entries({ LOG: "nats://a", ...env }).map(([name, value]) => [`TIDEGATE_${name}`, value]);
  return loadOptions({ env: Object.fromEntries(named) as Record<string, string>, flags: {} });
}

test("D61 the layout names all numbers that decide where a topic is", () => {
  expect(layoutOf(optionsOf({}))).toBe("streams=1 shards=1");
  const namespaces = JSON.stringify({ iot: { shards: 2 }, chat: { shards: 4 }, plain: { ackWait: "1m" } });
  expect(layoutOf(optionsOf({ LOG_SHARDS: "4", NAMESPACES: namespaces }))).toBe("streams=4 shards=1 chat=4 iot=2");
});

test("D61 a namespace cannot have more streams than there are, and a log of one's own has one", () => {
  expect(shardsFault(optionsOf({ LOG_SHARDS: "4" }))).toBeUndefined();
  const namespaces = JSON.stringify({ chat: { shards: 8 } });
  expect(shardsFault(optionsOf({ LOG_SHARDS: "4", NAMESPACES: namespaces }))).toBe(
    "namespaces.chat.shards is 8, more than log.shards, which is 4",
  );
  const alone = loadOptions({ env: { TIDEGATE_LOG_SHARDS: "2" }, flags: {} });
  expect(shardsFault(alone)).toBe("log.shards is for the log on NATS: set log.url too");
});
