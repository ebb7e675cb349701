import { describe, expect, test } from "bun:test";
import { MemoryLog, type MemoryLogOptions } from "../../src/adapters/memory/log.ts";
import { errorName, KEEP_ALL, message, MINUTE, readAll, texts } from "./fixture.ts";
import { logContract } from "./log.contract.ts";
import { ManualClock } from "./manual-clock.ts";

let epochs = 0;

logContract("memory", {
  open: ({ clock, retention }) =>
    Promise.resolve(new MemoryLog({ clock, retention, epoch: `epoch-${++epochs}`, maxBytes: 64 << 20 })),
});

function memoryLog(options: Partial<MemoryLogOptions> = {}): MemoryLog {
  return new MemoryLog({
    clock: new ManualClock(),
    epoch: "e",
    retention: () => KEEP_ALL,
    maxBytes: 64 << 20,
    ...options,
  });
}

describe("memory log", () => {
  test("L40 past maxBytes the oldest messages go first, and who asks for them is told", async () => {
    const log = memoryLog({ maxBytes: 20_000 });
    for (let i = 0; i < 100; i++) await log.append([message(`t/${i % 3}`, "x".repeat(1000), { id: `${i}` })]);
    const { messages, complete } = await readAll(log, "#");
    expect(complete).toBe(false);
    expect(messages.length).toBeGreaterThan(10);
    expect(messages.length).toBeLessThanOrEqual(20);
    expect(messages.map((stored) => stored.offset)).toEqual(messages.map((_, i) => 100 - messages.length + 1 + i));
    const oldest = messages[0]?.offset ?? 0;
    expect((await log.read({ filter: "#", after: oldest - 1, limit: 1 })).complete).toBe(true);
    expect((await log.append([message("t/0", "", { id: "0" })]))[0]?.duplicate).toBe(true);
  });

  test("L41 retained values that would fill the log are refused, and nothing of the append is stored", async () => {
    const log = memoryLog({ maxBytes: 5000 });
    await log.append([message("r/1", "x".repeat(4000), { retain: true })]);
    const append = log.append([message("a", "1"), message("r/2", "x".repeat(4000), { retain: true })]);
    expect(await errorName(append)).toBe("LogUnavailable");
    expect(log.head()).toBe(1);
    await log.append([message("r/1", "", { retain: true })]);
    await log.append([message("r/2", "x".repeat(4000), { retain: true })]);
    expect(texts(await log.retained("r/+", 9)).map((text) => text.length)).toEqual([4000]);
  });

  test("L22 a forgotten topic makes older positions incomplete and is never taken for a new one", async () => {
    const log = memoryLog({ maxIdleTopics: 10, retention: () => ({ size: 0, age: MINUTE, idWindow: 0 }) });
    for (let i = 1; i <= 30; i++) await log.append([message(`t/${i}`, "x")]);
    expect((await log.read({ filter: "t/1", after: 0, limit: 1 })).complete).toBe(false);
    expect((await log.read({ filter: "t/1", after: 20, limit: 1 })).complete).toBe(true);
    expect((await log.read({ filter: "t/#", after: 19, limit: 1 })).complete).toBe(false);
    expect((await log.latest({ topic: "t/1", limit: 1 })).complete).toBe(false);
    const [again] = await log.append([message("t/1", "y")]);
    expect(again?.stored.previous).toBe(20);
    const [known] = await log.append([message("t/25", "y")]);
    expect(known?.stored.previous).toBe(25);
  });

  test("L22 a topic that is used again while it waits to be forgotten is kept", async () => {
    const log = memoryLog({ maxIdleTopics: 2, retention: () => ({ size: 0, age: MINUTE, idWindow: 0 }) });
    await log.append(["a", "b", "a"].map((topic) => message(topic, "x")));
    await log.append([message("c", "x")]);
    const [again] = await log.append([message("a", "x")]);
    expect(again?.stored.previous).toBe(3);
  });

  test("L11 ids past the bound are forgotten oldest first", async () => {
    const log = memoryLog({ maxIds: 3 });
    await log.append(["1", "2", "3", "4"].map((id) => message("a", id, { id })));
    const results = await log.append(["2", "3", "4", "1"].map((id) => message("a", id, { id })));
    expect(results.map((result) => result.duplicate)).toEqual([true, true, true, false]);
  });

  test("L40 long use with every kind of removal keeps reads right", async () => {
    const clock = new ManualClock();
    const log = memoryLog({ clock, maxBytes: 200_000, retention: () => ({ size: 50, age: 500, idWindow: 100 }) });
    for (let i = 0; i < 5000; i++) {
      await log.append([message(`t/${(i * i) % 17}`, `${i}`, { retain: i % 100 === 0 })]);
      clock.advance(1);
      if (i % 700 === 0) await log.trim();
    }
    const { messages } = await readAll(log, "#");
    const perTopic = await Promise.all(Array.from({ length: 17 }, (_, i) => readAll(log, `t/${i}`)));
    const merged = perTopic.flatMap((page) => page.messages).toSorted((a, b) => a.offset - b.offset);
    expect(texts(messages)).toEqual(texts(merged));
    expect(messages.at(-1)?.offset).toBe(log.head());
    expect(messages.length).toBeGreaterThan(100);
  });
});
