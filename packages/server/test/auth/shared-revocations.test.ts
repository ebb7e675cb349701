import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { MemoryBus } from "../../src/adapters/memory/bus.ts";
import { MemoryBusHub } from "../../src/adapters/memory/bus-hub.ts";
import { type Revocation, Revocations, SharedRevocations } from "../../src/auth/index.ts";
import { pageOf } from "../../src/auth/revocation-wire.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** Longer than a round of digests and what follows it. */
const ROUND = 11_000;

interface Node {
  readonly bus: MemoryBus;
  readonly revocations: Revocations;
  readonly shared: SharedRevocations;
  readonly warnings: string[];
  readonly heard: string[];
}

class Cluster {
  readonly clock = new FakeClock();
  readonly hub = new MemoryBusHub({ clock: this.clock });
  #count = 0;

  /** Knows `before` from its file. */
  async start(before: readonly Revocation[] = [], limit = 200_000): Promise<Node> {
    const { clock, hub } = this;
    const bus = hub.open();
    const revocations = new Revocations({ clock, limit });
    revocations.restore(before);
    const [warnings, heard] = [[] as string[], [] as string[]];
    revocations.listen((added, where) => void heard.push(`${where} ${added.map(({ id }) => id).join()}`));
    const logger = { warn: (_: unknown, message: string) => void warnings.push(message) };
    const self = `n${++this.#count}`;
    const shared = new SharedRevocations({ bus, self, clock, random: () => 0.5, revocations, logger: logger as never });
    let isThere = false;
    void shared.start().then(() => (isThere = true));
    while (!isThere) await this.step();
    await this.step();
    return { bus, revocations, shared, warnings, heard };
  }

  /** Promises run between the turns. */
  async step(ms = 0): Promise<void> {
    this.clock.advance(ms);
    for (let i = 0; i < 20; i++) {
      await Promise.resolve();
      this.clock.settle();
    }
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) await this.step(100);
  }
}

function idsOf({ revocations }: Node): readonly string[] {
  return revocations
    .all()
    .map(({ id }) => id)
    .toSorted();
}

function one(id: string, more: Partial<Revocation> = {}): Revocation {
  return { kind: "token", id, before: 1, until: 9e15, ...more };
}

test("A50 what one node was told to refuse, all refuse at once, and who listens there is told", async () => {
  const cluster = new Cluster();
  const [a, b, c] = [await cluster.start(), await cluster.start(), await cluster.start()];
  a.revocations.revoke({ user: "mallory" });
  await cluster.step();
  expect([a, b, c].map(idsOf)).toEqual([["mallory"], ["mallory"], ["mallory"]]);
  expect(b.revocations.all()).toEqual(a.revocations.all());
  expect([a.heard, b.heard, c.heard]).toEqual([["here mallory"], ["elsewhere mallory"], ["elsewhere mallory"]]);
});

test("A51 a node that comes has the list of the others before it lets clients in, whatever its length", async () => {
  const cluster = new Cluster();
  const many = Array.from({ length: 20_000 }, (_, i) => one(`token-${i}`));
  const a = await cluster.start(many);
  const b = await cluster.start([one("own")]);
  expect(b.revocations.all().length).toBe(20_001);
  // Not one after the other: whoever listens saves all of them.
  expect(b.heard.length).toBeLessThan(10);
  await cluster.pass(ROUND);
  expect(idsOf(a)).toContain("own");
});

test("A51 a node that is alone, or whose question is not answered, starts all the same", async () => {
  const cluster = new Cluster();
  const alone = await cluster.start();
  expect(alone.warnings).toEqual([]);
  alone.shared.close();
  cluster.hub.open().answer(["revoked", "list"], () => new Promise(() => {}));
  const starting = cluster.start([one("own")]);
  await cluster.pass(2100);
  const node = await starting;
  expect(idsOf(node)).toEqual(["own"]);
  expect(node.warnings).toEqual(["the revocations of another node could not be read yet"]);
});

test("A51 where the one that is asked does not answer, the others are heard within a second of the start", async () => {
  const cluster = new Cluster();
  cluster.hub.open().answer(["revoked", "list"], () => new Promise(() => {}));
  const first = cluster.start([one("known")]);
  await cluster.pass(2100);
  await first;
  // Of the two that answer it is the silent one's turn again.
  const asked = cluster.hub.open().request(["revoked", "list"], new TextEncoder().encode("{}"), 5000);
  await cluster.step();
  await asked;
  const second = cluster.start();
  await cluster.pass(2100);
  const node = await second;
  await cluster.pass(1000);
  expect(idsOf(node)).toEqual(["known"]);
});

test("A52 what was missed while the bus was away is found afterwards, on both sides", async () => {
  for (const silently of [true, false]) {
    const cluster = new Cluster();
    const [a, b, c] = [await cluster.start(), await cluster.start(), await cluster.start()];
    b.bus.cut({ silently });
    a.revocations.revoke({ user: "one" });
    b.revocations.revoke({ tokenId: "two" });
    await cluster.pass(3 * ROUND);
    expect([a, b, c].map(idsOf)).toEqual([["one"], ["two"], ["one"]]);
    b.bus.restore();
    await cluster.pass(silently ? ROUND : 3000);
    expect([a, b, c].map(idsOf)).toEqual([
      ["one", "two"],
      ["one", "two"],
      ["one", "two"],
    ]);
  }
});

test("A53 of several revocations of the same the latest counts on all nodes, whatever comes first", () => {
  const times = fc.integer({ min: 1, max: 4 });
  const entry = fc.record({
    kind: fc.constantFrom("user", "token", "key"),
    id: fc.constantFrom("a", "b"),
    before: times,
    until: times.map((n) => n * 1e13),
  });
  const sorted = (all: readonly Revocation[]): string =>
    all
      .map((each) => JSON.stringify([each.kind, each.id, each.before, each.until]))
      .toSorted()
      .join();
  fc.assert(
    fc.property(
      fc.array(entry).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, other]) => {
        const [here, there] = [
          new Revocations({ clock: new FakeClock() }),
          new Revocations({ clock: new FakeClock() }),
        ];
        here.accept(all);
        for (const each of other) there.accept([each]);
        there.accept(all);
        expect(sorted(there.all())).toBe(sorted(here.all()));
      },
    ),
  );
});

test("A30 A50 what has ended is not taken over, and what does not fit is told of", async () => {
  const cluster = new Cluster();
  const a = await cluster.start();
  const small = await cluster.start([], 2);
  a.revocations.accept([one("old", { until: cluster.clock.now() - 1 })]);
  for (const id of ["1", "2", "3"]) a.revocations.revoke({ tokenId: id });
  await cluster.step();
  expect(idsOf(a)).toEqual(["1", "2", "3"]);
  expect(idsOf(small)).toEqual(["1", "2"]);
  expect(small.warnings[0]).toContain("some are not in force here");
});

test("A54 what is not understood changes nothing", async () => {
  const cluster = new Cluster();
  const a = await cluster.start();
  const other = cluster.hub.open();
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const text of ["", "{", "[]", "null", "{}", '{"revocations":[{"kind":"user"}]}', '{"revocations":5}'])
    other.publish(["revoked"], bytes(text));
  for (const text of ["", "5", "{}", '{"node":"x"}']) other.publish(["revoked", "digest"], bytes(text));
  other.publish(["revoked"], bytes(JSON.stringify({ revocations: [{ ...one("b"), more: 1 }], next: 7, more: 2 })));
  other.answer(["revoked", "list", "x"], () => Promise.resolve(bytes('{"revocations":[],"next":""}')));
  other.publish(["revoked", "digest"], bytes('{"node":"x","digest":"another"}'));
  await cluster.pass(300);
  expect(idsOf(a)).toEqual(["b"]);
  expect(a.warnings.length).toBe(11);
});

test("A51 pages have all entries once, in any size", () => {
  const ids = fc.uniqueArray(fc.string({ maxLength: 20 }), { maxLength: 50 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 2000 }), (all, maxBytes) => {
      const sorted = all.map((id) => one(id)).toSorted((x, y) => (`token:${x.id}` < `token:${y.id}` ? -1 : 1));
      const found: Revocation[] = [];
      for (let from: string | undefined = ""; from !== undefined;) {
        const page = pageOf(sorted, from, maxBytes);
        found.push(...page.revocations);
        from = page.next;
      }
      expect(found).toEqual(sorted);
    }),
  );
});

test("A55 a node that has closed says and hears nothing more", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  b.shared.close();
  a.revocations.revoke({ user: "one" });
  b.revocations.revoke({ user: "two" });
  await cluster.pass(3 * ROUND);
  expect([a, b].map(idsOf)).toEqual([["one"], ["two"]]);
  a.shared.close();
  expect(cluster.clock.timers).toBe(0);
});
