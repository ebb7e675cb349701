import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { errorName, KEEP_ALL, message, MINUTE, numbered, readAll, texts } from "./fixture.ts";
import { ManualClock } from "./manual-clock.ts";
import { TempLogs } from "./temp-logs.ts";

const temp = new TempLogs();
afterAll(() => temp.remove());

const KILOBYTE = "x".repeat(1000);

describe("sqlite log: bounds", () => {
  test("L57 every message of a topic is found at every moment of writing the index", async () => {
    const path = temp.path();
    let log = await temp.open({ path });
    const topics = Array.from({ length: 40 }, (_, n) => `t/${n}`);
    // Batches that are small beside a slice: a round of 4,096 takes many commits.
    for (let n = 1; n <= 240; n++) {
      await log.append(topics.map((topic) => message(topic, String(n))));
      if (n < 98 || n % 3 > 0) continue;
      const topic = topics[n % 40] ?? "";
      expect(texts((await readAll(log, topic, 50)).messages)).toEqual(
        Array.from({ length: n }, (_, i) => String(i + 1)),
      );
      expect(texts(await log.latest({ topic, limit: 5 }))).toEqual([n - 4, n - 3, n - 2, n - 1, n].map(String));
      if (n % 21 > 0) continue;
      await log.close();
      log = await temp.open({ path });
    }
  });

  test("L57 no single commit writes a whole group of the index", async () => {
    const path = temp.path();
    const log = await temp.open({ path });
    const indexed = (): number => {
      const db = new Database(path, { readonly: true });
      const { n } = db.query<{ n: number }, []>("SELECT count(*) AS n FROM by_topic").get() ?? { n: 0 };
      db.close();
      return n;
    };
    let largest = 0;
    for (let n = 0, before = 0; n < 500; n++) {
      await log.append(Array.from({ length: 10 }, (_, topic) => message(`t/${topic}`, String(n))));
      const now = indexed();
      largest = Math.max(largest, now - before);
      before = now;
    }
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(600);
  });

  test("L50 a trim goes back to maxBytes, oldest first, and the freed room is used again", async () => {
    const path = temp.path();
    const log = await temp.open({ path, maxBytes: 1 << 20, checkpoint: 1 << 17 });
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 30; i++) await log.append(Array(100).fill(message(`t/${i % 7}`, KILOBYTE)));
      await log.trim();
    }
    const { messages, complete } = await readAll(log, "#", 1000);
    expect(complete).toBe(false);
    expect(messages.at(-1)?.offset).toBe(15_000);
    expect(messages.length).toBeGreaterThan(100);
    expect(messages.length).toBeLessThan(1100);
    const after = (messages[0]?.offset ?? 0) - 1;
    expect((await log.read({ filter: "#", after, limit: 1 })).complete).toBe(true);
    await log.close();
    expect(statSync(path).size).toBeLessThan(7 << 20);
  });

  test("L51 a full file refuses appends, stores nothing of them, and goes on when there is room", async () => {
    const clock = new ManualClock();
    const path = temp.path();
    const log = await temp.open({ path, clock, hardBytes: 1 << 20, retention: () => ({ ...KEEP_ALL, size: 100 }) });
    const seen: number[] = [];
    log.tail({ messages: (batch) => void seen.push(...batch.map((stored) => stored.offset)) });
    let stored = 0;
    for (let refused = false; !refused;) {
      const batch = [message("a", KILOBYTE, { id: `id-${stored}`, retain: true }), message("new/topic", KILOBYTE)];
      refused = (await errorName(log.append([...batch, ...batch]))) === "LogUnavailable";
      if (!refused) stored += 1;
      expect(stored).toBeLessThan(1000);
    }
    const head = log.head();
    expect(seen.at(-1)).toBe(head);
    expect((await readAll(log, "#", 1000)).messages.at(-1)?.offset).toBe(head);
    clock.advance(3 * MINUTE);
    await log.trim();
    const [next] = await log.append([message("a", "room again", { id: `id-${stored}` })]);
    expect(next).toMatchObject({ duplicate: false, stored: { offset: head + 1 } });
    await log.close();
    const again = await temp.open({ path });
    expect(texts(await again.latest({ topic: "a", limit: 1 }))).toEqual(["room again"]);
  });

  test("L22 a forgotten topic makes older positions incomplete and is never taken for a new one", async () => {
    const path = temp.path();
    const options = { path, maxIdleTopics: 10, retention: () => ({ size: 0, age: MINUTE, idWindow: 0 }) };
    const log = await temp.open(options);
    for (let i = 1; i <= 30; i++) await log.append([message(`t/${i}`, "x")]);
    await log.trim();
    await log.close();
    const again = await temp.open(options);
    expect((await again.read({ filter: "t/1", after: 0, limit: 1 })).complete).toBe(false);
    expect((await again.read({ filter: "t/1", after: 20, limit: 1 })).complete).toBe(true);
    expect((await again.read({ filter: "t/#", after: 19, limit: 1 })).complete).toBe(false);
    expect((await again.latest({ topic: "t/1", limit: 1 })).complete).toBe(false);
    const results = await again.append([message("t/1", "y"), message("t/25", "y")]);
    expect(results.map((result) => result.stored.previous)).toEqual([20, 25]);
  });

  test("L11 the ids that a start reads again are bounded, newest first", async () => {
    const path = temp.path();
    const log = await temp.open({ path });
    await log.append(["1", "2", "3", "4"].map((id) => message("a", id, { id })));
    await log.close();
    const again = await temp.open({ path, maxIds: 3 });
    const results = await again.append(["2", "3", "4", "1"].map((id) => message("a", id, { id })));
    expect(results.map((result) => result.duplicate)).toEqual([true, true, true, false]);
  });

  test.each(["process", "power"] as const)(
    "L52 the write-ahead log of %s stays bounded under load",
    async (durability) => {
      const path = temp.path();
      const warnings = temp.warnings.length;
      const log = await temp.open({ path, durability, checkpoint: 1 << 19 });
      let largest = 0;
      for (let i = 0; i < 150; i++) {
        await log.append(Array(100).fill(message(`t/${i % 7}`, KILOBYTE)));
        largest = Math.max(largest, statSync(`${path}-wal`).size);
      }
      expect(largest).toBeGreaterThan(1 << 20);
      expect(largest).toBeLessThan(5 << 20);
      expect(temp.warnings.length).toBe(warnings);
      expect((await readAll(log, "#", 1000)).messages.length).toBe(15_000);
      await log.close();
      expect(existsSync(`${path}-wal`)).toBe(false);
    },
  );

  test("L53 many appends under way share transactions and syncs", async () => {
    const log = await temp.open({ durability: "power" });
    const batches: number[] = [];
    log.tail({ messages: (batch) => void batches.push(batch.length) });
    await Promise.all(Array.from({ length: 200 }, (_, i) => log.append(numbered("a", 1, i))));
    expect(batches).toEqual([200]);
  });

  test("L55 without its worker the log says so and runs checkpoints itself", async () => {
    const path = temp.path();
    const warnings: string[] = [];
    const log = await temp.open({
      path,
      checkpoint: 1 << 19,
      checkpointWorker: "file:///none/worker.ts",
      warn: (text) => void warnings.push(text),
    });
    let largest = 0;
    for (let i = 0; i < 150 || warnings.length === 0; i++) {
      await log.append(Array(100).fill(message(`t/${i % 7}`, KILOBYTE)));
      await new Promise((resolve) => setImmediate(resolve));
      largest = Math.max(largest, statSync(`${path}-wal`).size);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/checkpoint worker does not run/);
    expect(largest).toBeLessThan(5 << 20);
    await log.close();
  });
});
