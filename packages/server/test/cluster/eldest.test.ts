import { expect, test } from "bun:test";
import { isEldest } from "../../src/cluster/eldest.ts";
import { TestCluster, viewOf } from "./node-bench.ts";

test("ND11 one of all nodes is the eldest, and when it is gone the next one", async () => {
  const cluster = new TestCluster();
  const nodes = await cluster.all("b", "a", "c");
  cluster.clock.advance(1000);
  const eldest = (): string =>
    nodes
      .filter(({ registry }) => registry.all.length > 0 && isEldest(registry))
      .map(({ registry }) => registry.self)
      .join();
  expect(eldest()).toBe("a");
  nodes[1]?.registry.close();
  cluster.clock.advance(1000);
  expect(nodes.filter((node) => node !== nodes[1]).map(({ registry }) => isEldest(registry))).toEqual([true, false]);
});

test("ND11 who started first is the eldest, whatever its id; who has not announced itself is not", () => {
  const all = [viewOf("a", { startedAt: 7 }), viewOf("b", { startedAt: 3 })];
  expect(["a", "b", "c"].map((self) => isEldest({ self, all }))).toEqual([false, true, false]);
  expect(isEldest({ self: "a", all: [] })).toBe(false);
});
