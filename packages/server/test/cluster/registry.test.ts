import { expect, test } from "bun:test";
import { LoneNode } from "../../src/cluster/lone-node.ts";
import type { NodeView } from "../../src/cluster/nodes.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { HEARTBEAT, LATEST, LEASE, TestCluster, viewOf } from "./node-bench.ts";

function kindsOf(heard: readonly string[]): readonly string[] {
  return heard.map((text) => (JSON.parse(text) as { readonly kind: string }).kind);
}

test("ND1 a node says hello, then announces itself every heartbeat, a tenth earlier or later", async () => {
  const cluster = new TestCluster();
  const heard = cluster.hear();
  await cluster.start("a");
  expect(kindsOf(heard)).toEqual(["hello"]);
  expect(JSON.parse(heard[0] ?? "")).toEqual({ kind: "hello", node: viewOf("a") });
  const times: number[] = [];
  for (let last = cluster.clock.now(); times.length < 50;) {
    const before = heard.length;
    while (heard.length === before) cluster.clock.advance(1);
    times.push(cluster.clock.now() - last);
    last = cluster.clock.now();
  }
  expect(Math.min(...times)).toBeGreaterThanOrEqual(HEARTBEAT * 0.9 - 1);
  expect(Math.max(...times)).toBeLessThanOrEqual(HEARTBEAT * 1.1);
  expect(new Set(times).size).toBeGreaterThan(20);
  expect(new Set(kindsOf(heard).slice(1))).toEqual(new Set(["here"]));
});

test("ND2 ND3 a hello is answered by all within a tenth of the heartbeat, and each is known once", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  const c = await cluster.start("c");
  cluster.clock.advance(HEARTBEAT / 10);
  expect(c.events.toSorted()).toEqual(["+a", "+b"]);
  expect(c.known.startsWith("c,")).toBe(true);
  expect([a?.events, b?.events]).toEqual([
    ["+b", "+c"],
    ["+a", "+c"],
  ]);
  expect(c.registry.all).toContainEqual(viewOf("a"));
  expect(["a", "b", "c", "d"].map((id) => c.registry.has(id))).toEqual([true, true, true, false]);
  cluster.clock.advance(10 * LEASE);
  expect(c.events.length).toBe(2);
});

test("ND2 many hellos at once get one answer from each node", async () => {
  const cluster = new TestCluster();
  await cluster.start("a");
  const heard = cluster.hear();
  for (const id of ["b", "c", "d", "e"]) await cluster.start(id);
  cluster.clock.advance(HEARTBEAT / 10);
  const answers = heard.filter((text) => text.includes('"here"') && text.includes('"id":"a"'));
  expect(answers.length).toBe(1);
});

test("ND3 all shows what a node said last", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  if (a === undefined || b === undefined) throw new Error("there are two");
  b.draining = true;
  expect(a.registry.all[1]?.draining).toBe(false);
  cluster.clock.advance(LATEST);
  expect(a.registry.all[1]?.draining).toBe(true);
});

test("ND9 what changes is announced at once", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  if (a === undefined || b === undefined) throw new Error("there are two");
  b.draining = true;
  b.registry.announce();
  cluster.clock.settle();
  expect(a.registry.all[1]?.draining).toBe(true);
  expect(b.registry.all[0]?.draining).toBe(true);
});

test("ND4 ND10 a node that closes is gone at once, and does nothing more itself", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  const timers = cluster.clock.timers;
  b?.registry.close();
  b?.registry.close();
  cluster.clock.settle();
  expect(cluster.clock.timers).toBe(timers - 1);
  expect(a?.events).toEqual(["+b", "-b stopped"]);
  expect(a?.known).toBe("a");
  const heard = cluster.hear();
  b?.registry.announce();
  await cluster.start("c");
  cluster.clock.advance(10 * LEASE);
  expect(heard.some((text) => text.includes('"id":"b"'))).toBe(false);
  expect(b?.events).toEqual(["+a"]);
  expect(a?.events).toEqual(["+b", "-b stopped", "+c"]);
});

test("ND5 a silent node is lost when its lease is over, not before, and at most a late heartbeat after", async () => {
  for (const wait of [0, 130, 555, 999]) {
    const cluster = new TestCluster();
    const [a, b] = await cluster.all("a", "b");
    cluster.clock.advance(wait);
    const heard = cluster.hear();
    while (!heard.some((text) => text.includes('"id":"b"'))) cluster.clock.advance(1);
    b?.kill();
    cluster.clock.advance(LEASE - 1);
    expect(a?.events).toEqual(["+b"]);
    cluster.clock.advance(LATEST + 1);
    expect(a?.events).toEqual(["+b", "-b lost"]);
    expect(a?.known).toBe("a");
    expect(a?.warnings.join()).toContain("a node was not heard of for its lease");
  }
});

for (const silently of [false, true])
  test(`ND6 while the bus is away nobody goes, and then each has a whole lease (${silently ? "not noticed" : "noticed"})`, async () => {
    const cluster = new TestCluster();
    const [a, b, c] = await cluster.all("a", "b", "c");
    if (a === undefined || b === undefined || c === undefined) throw new Error("there are three");
    // It has spoken for the last time, and most of its lease is over.
    b.kill();
    cluster.clock.advance(LEASE - 2 * LATEST);
    a.bus.cut({ silently });
    cluster.clock.advance(20 * LEASE);
    expect(a.known).toBe("a,b,c");
    expect(c.events).toEqual(["+a", "+b", "-b lost", "-a lost"]);
    a.bus.restore();
    cluster.clock.advance(LEASE - 1);
    expect(a.known).toBe("a,b,c");
    cluster.clock.advance(2 * LATEST + 1);
    expect(a.events).toEqual(["+b", "+c", "-b lost"]);
    expect(a.known).toBe("a,c");
  });

test("ND8 a node that was lost and comes back has joined again", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  b?.bus.cut({ silently: true });
  cluster.clock.advance(2 * LEASE);
  expect(a?.known).toBe("a");
  b?.bus.restore();
  cluster.clock.advance(LATEST);
  expect(a?.events).toEqual(["+b", "-b lost", "+b"]);
  expect(b?.events).toEqual(["+a"]);
});

test("ND9 when the bus comes back a node says hello at once", async () => {
  const cluster = new TestCluster();
  const [a] = await cluster.all("a", "b");
  a?.bus.cut();
  cluster.clock.advance(LATEST);
  const heard = cluster.hear();
  a?.bus.restore();
  cluster.clock.settle();
  expect(kindsOf(heard)).toEqual(["hello"]);
});

test("ND7 a process that stood still does not take the others for lost", async () => {
  const cluster = new TestCluster();
  const [a, b] = await cluster.all("a", "b");
  if (a === undefined || b === undefined) throw new Error("there are two");
  // Its clock jumps as if it had not run: the one timer that is due is late by all of it.
  cluster.clock.jump(20 * LEASE);
  cluster.clock.advance(LATEST);
  cluster.clock.advance(10 * LATEST);
  expect(a.events).toEqual(["+b"]);
  expect(b.events).toEqual(["+a"]);
});

test("ND40 a gateway alone knows itself, with figures that are renewed every heartbeat", async () => {
  const clock = new FakeClock();
  let count = 0;
  const describe = (): NodeView => viewOf("a", { startedAt: ++count });
  const node = new LoneNode({ clock, id: "a", settings: { heartbeat: HEARTBEAT, lease: LEASE }, describe });
  await node.start();
  expect([node.self, node.all[0]?.startedAt, node.has("a"), node.has("b")]).toEqual(["a", 1, true, false]);
  clock.advance(3 * HEARTBEAT);
  expect(node.all.map(({ startedAt }) => startedAt)).toEqual([4]);
  node.close();
  expect(clock.timers).toBe(0);
});
