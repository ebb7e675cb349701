import { beforeEach, describe, expect, test } from "bun:test";
import type { Testament } from "../../src/transport/mqtt/testament.ts";
import { readTestament } from "../../src/transport/mqtt/testament.ts";
import { WillKeeper } from "../../src/transport/mqtt/will-keeper.ts";
import { SessionsUnavailable } from "../../src/durable/session-store.ts";
import { FakeClock } from "../support/fake-clock.ts";

let clock: FakeClock;
let keeper: WillKeeper;
/** What the store has. */
let stored: Map<string, Testament>;
let isAway: boolean;
let reads: string[];
/** What was published, with what says that it is done. */
let published: { readonly testament: Testament; readonly done: () => void }[];
let settled: string[];

beforeEach(() => {
  clock = new FakeClock();
  [stored, isAway, reads, published, settled] = [new Map(), false, [], [], []];
  keeper = new WillKeeper({
    clock,
    read: (key) => {
      reads.push(key);
      return isAway ? Promise.reject(new SessionsUnavailable("away")) : Promise.resolve(stored.get(key));
    },
    publish: (testament, done) => void published.push({ testament, done }),
    settle: (key) => Promise.resolve(void settled.push(key)),
  });
});

function testamentOf(id: string, text = id): Testament {
  const payload = Buffer.from(text).toString("base64");
  return readTestament({ id, user: undefined, topic: "gone", payload, qos: 1, retain: false, properties: undefined });
}

/** The client of a session leaves a will that is due in a second. */
function left(key: string): void {
  stored.set(key, testamentOf(`of ${key}`));
  keeper.leave(key, { testament: testamentOf(`of ${key}`), delay: 1000, isStored: true });
}

/** Lets all promises go on that nothing else is needed for. */
async function calm(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

async function after(ms: number): Promise<void> {
  clock.advance(ms);
  await calm();
}

function ids(): string[] {
  return published.map(({ testament }) => testament.id);
}

describe("wills that wait", () => {
  test("M163 when it is due a will is read from the store, and published as it is there", async () => {
    left("a");
    const there = testamentOf("of a", "as stored");
    stored.set("a", there);
    await after(999);
    expect(reads).toEqual([]);
    await after(1);
    expect(published.map(({ testament }) => testament)).toEqual([there]);
    expect(settled).toEqual([]);
    published[0]!.done();
    await keeper.settled();
    expect(settled).toEqual(["a"]);
    expect(keeper.size).toBe(0);
  });

  test("M163 what the store does not have any more, or has of a later connection, is not published", async () => {
    left("a");
    left("b");
    stored.delete("a");
    stored.set("b", testamentOf("another"));
    await after(1000);
    expect(reads).toEqual(["a", "b"]);
    expect(published).toEqual([]);
    expect(keeper.size).toBe(0);
  });

  test("M163 while the store is away it is asked again, until it answers", async () => {
    left("a");
    left("b");
    isAway = true;
    await after(1000);
    await after(1000);
    expect(published).toEqual([]);
    expect(keeper.size).toBe(2);
    isAway = false;
    await after(1000);
    expect(ids().toSorted()).toEqual(["of a", "of b"]);
    expect(keeper.size).toBe(0);
  });

  test("M163 a client that comes back while its will is read, or while the store is away, takes it back", async () => {
    left("a");
    left("b");
    clock.advance(1000);
    expect(reads).toEqual(["a", "b"]);
    keeper.revoke("a");
    isAway = true;
    await calm();
    expect(ids()).toEqual(["of b"]);
    left("c");
    await after(1000);
    expect(keeper.has("c")).toBe(true);
    keeper.revoke("c");
    isAway = false;
    await after(5000);
    expect(ids()).toEqual(["of b"]);
    expect(keeper.has("c")).toBe(false);
  });

  test("M163 of many that are due together 100 are in memory at once", async () => {
    for (let i = 0; i < 240; i++) left(`${i}`);
    await after(1000);
    expect(reads).toHaveLength(100);
    published[0]!.done();
    await calm();
    expect(reads).toHaveLength(101);
    for (let i = 1; i < 240; i++) {
      published[i]!.done();
      await calm();
    }
    expect(ids()).toEqual(Array.from({ length: 240 }, (_, i) => `of ${i}`));
    await keeper.settled();
    expect(settled).toHaveLength(240);
  });

  test("M163 of a session that ends a will is read, or it is said that it could not be", async () => {
    left("a");
    left("b");
    await keeper.execute("a");
    expect(ids()).toEqual(["of a"]);
    isAway = true;
    expect(keeper.execute("b")).rejects.toThrow("away");
    await calm();
    expect(keeper.size).toBe(0);
    await keeper.execute("nobody");
    expect(ids()).toEqual(["of a"]);
  });

  test("M163 a gateway alone that stops publishes all of them; what the store does not give stays there", async () => {
    for (let i = 0; i < 120; i++) left(`${i}`);
    keeper.executeAll(false);
    await calm();
    isAway = true;
    for (const { done } of published) done();
    await keeper.settled();
    expect(ids()).toHaveLength(100);
    keeper.stop();
    expect(keeper.size).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("M163 with others in the cluster it leaves them to those", async () => {
    left("a");
    keeper.executeAll(true);
    await after(5000);
    expect(published).toEqual([]);
    expect(reads).toEqual([]);
  });
});
