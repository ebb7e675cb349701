import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { expectChain } from "../contract/order.contract.ts";
import { errorName, KEEP_ALL, message, MINUTE, numbered, readAll, texts } from "../fixture.ts";
import { ManualClock } from "../manual-clock.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

const SMALL = { ...KEEP_ALL, size: 2, idWindow: 100 };

describe.skipIf(NATS === undefined)("NATS trim", () => {
  test("L78 what a trim took out of sight is in the stream as long as its ids count, also over a kill of NATS", async () => {
    const stream = bench.stream();
    const retention = () => ({ ...SMALL, size: 0, idWindow: 60_000 });
    const log = await bench.open({ stream, retention, timeout: 2000 });
    const [first] = await log.append([message("a", "1", { id: "x" }), ...numbered("a", 3)]);
    await log.trim();
    expect(texts(await log.read({ filter: "a", after: 0, limit: 9 }))).toEqual([]);
    await bench.server.kill();
    await bench.server.start();
    await until(async () => (await errorName(log.probe())) === "no error");
    const [again, next] = await log.append([message("a", "1", { id: "x" }), message("a", "5")]);
    expect(again).toMatchObject({ duplicate: true, stored: { offset: first?.stored.offset } });
    expect(next?.stored.previous).toBe((first?.stored.offset ?? 0) + 3);
  });

  test("L78 what no id needs leaves the stream, but for the last of each topic, and the chain goes on", async () => {
    const stream = bench.stream();
    // Without the margin for clocks that differ, nothing so young would go.
    const clock = new ManualClock(Date.now());
    const log = await bench.open({ stream, clock, idWindow: 100, retention: () => SMALL, clockMargin: 0 });
    await log.append([...numbered("a", 500), message("a", "kept", { retain: true }), ...numbered("a", 500, 501)]);
    await log.append(numbered("b", 2));
    clock.advance(MINUTE);
    const before = await bench.manage((streams) => streams.info(stream));
    await log.trim();
    const after = await bench.manage((streams) => streams.info(stream));
    expect(before.state.messages).toBe(1004);
    // Two of each topic, the retained value's copy, and a floor.
    expect(after.state.messages).toBe(6);
    expect(texts(await log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["999", "1000"]);
    expect(texts(await log.retained("#", 9))).toEqual(["kept"]);
    const { messages } = await log.read({ filter: "#", after: 0, limit: 9 });
    expect(messages[0]?.previous).toBe((messages[0]?.offset ?? 0) - 1);
    const [next] = await log.append([message("a", "1001")]);
    expect(next?.stored.previous).toBe(messages[1]?.offset ?? -1);
    expectChain(
      (await log.latest({ topic: "a", limit: 2 })).messages,
      messages[1]?.previous === undefined ? -1 : (messages[0]?.offset ?? -1),
    );
  });

  test("L78 a few hidden messages stay until they are too old", async () => {
    const stream = bench.stream();
    const clock = new ManualClock(Date.now());
    const retention = () => ({ ...SMALL, age: MINUTE });
    const log = await bench.open({ stream, clock, idWindow: 100, retention, clockMargin: 0 });
    const stored = async (): Promise<number> => (await bench.manage((all) => all.info(stream))).state.messages;
    await log.append(numbered("a", 10));
    await log.trim();
    expect(texts(await log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["9", "10"]);
    expect(await stored()).toBe(11);
    clock.advance(2 * MINUTE);
    for (let i = 0; i < 2; i++) await log.trim();
    expect(texts(await log.read({ filter: "a", after: 0, limit: 9 }))).toEqual([]);
    expect(await stored()).toBe(2);
  });

  test("L78 many that are out of sight leave when their ids do not count any more, also if nothing new came", async () => {
    const stream = bench.stream();
    const clock = new ManualClock(Date.now());
    const log = await bench.open({ stream, clock, idWindow: MINUTE, retention: () => SMALL, clockMargin: 0 });
    const stored = async (): Promise<number> => (await bench.manage((all) => all.info(stream))).state.messages;
    await log.append(numbered("a", 100));
    for (let i = 0; i < 2; i++) await log.trim();
    expect(await stored()).toBe(101);
    clock.advance(2 * MINUTE);
    await log.trim();
    // Two in sight, and the floor.
    expect(await stored()).toBe(3);
    expect(texts(await log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["99", "100"]);
  });

  test("L82 topics that are full are not looked at again before something comes to them", async () => {
    const retention = () => ({ size: 3, age: 10 * MINUTE, idWindow: MINUTE });
    const log = await bench.open({ stream: bench.stream(), idWindow: MINUTE, retention });
    await log.append(Array.from({ length: 40 }, (_, i) => numbered(`a/${i}`, 4)).flat());
    // The first writes the floors, the second sees that nothing is to be done.
    for (let i = 0; i < 2; i++) await log.trim();
    const before = await bench.messagesIn();
    await log.trim();
    expect((await bench.messagesIn()) - before).toBeLessThan(10);
  });

  test("L18 L19 L82 topics with room are not looked at; those that fill up or get too old are trimmed all the same", async () => {
    const clock = new ManualClock(Date.now());
    const retention = () => ({ size: 3, age: 10 * MINUTE, idWindow: 0 });
    const log = await bench.open({ stream: bench.stream(), clock, retention });
    const all = Array.from({ length: 40 }, (_, i) => `a/${i}`);
    const trimmed = async (): Promise<number> => {
      const before = await bench.messagesIn();
      await log.trim();
      return (await bench.messagesIn()) - before;
    };
    const inSight = async (): Promise<number> =>
      (await log.read({ filter: "#", after: 0, limit: 999 })).messages.length;
    expect(await trimmed()).toBeLessThan(10);
    await log.append(all.map((topic) => message(topic, "1")));
    // New since the last trim, then more in all of them: there is room, and nobody asks.
    expect(await trimmed()).toBeLessThan(10);
    await log.append(all.flatMap((topic) => numbered(topic, 2, 2)));
    expect(await trimmed()).toBeLessThan(10);
    expect(await inSight()).toBe(120);
    await log.append(all.slice(0, 20).flatMap((topic) => numbered(topic, 1, 4)));
    expect(await trimmed()).toBeGreaterThan(20);
    expect(await inSight()).toBe(120);
    expect(texts(await log.latest({ topic: "a/0", limit: 9 }))).toEqual(["2", "3", "4"]);
    clock.advance(10 * MINUTE);
    await log.append([message("a/0", "young")]);
    await log.trim();
    expect(texts(await log.read({ filter: "#", after: 0, limit: 9 }))).toEqual(["young"]);
  });

  test("L79 over its bytes the oldest messages go, retained values stay, and whoever misses something is told", async () => {
    const stream = bench.stream();
    const log = await bench.open({ stream, maxBytes: 200_000 });
    const other = await bench.open({ stream, maxBytes: 200_000 });
    await log.append([message("r", "kept", { retain: true })]);
    const text = "x".repeat(1000);
    for (let i = 0; i < 22; i++) await log.append(Array.from({ length: 8 }, (_, k) => message(`t/${k}`, text)));
    await log.trim();
    expect((await bench.manage((streams) => streams.info(stream))).state.bytes).toBeLessThan(200_000);
    for (const each of [log, other]) {
      const page = await each.read({ filter: "t/0", after: 0, limit: 100 });
      expect(page.complete).toBe(false);
      expect(page.messages.length).toBeGreaterThan(10);
      expect(texts(await each.retained("#", 9))).toEqual(["kept"]);
      const newest = page.messages.at(-1)?.offset ?? 0;
      expect(await each.read({ filter: "t/0", after: newest, limit: 1 })).toMatchObject({ complete: true });
    }
  });

  test("L79 a stream that is full refuses, and takes again after a trim", async () => {
    const stream = bench.stream();
    const log = await bench.open({ stream, maxBytes: 100_000 });
    const text = "x".repeat(1000);
    let stored = 0;
    await until(async () => {
      const result = await log.append([message("a", text)]).catch((error: Error) => error);
      if (!(result instanceof Error)) stored += 1;
      return result instanceof Error && result.name === "LogUnavailable";
    });
    expect(stored).toBeGreaterThan(90);
    await log.trim();
    await log.append([message("a", "again")]);
    const { messages, complete } = await readAll(log, "a");
    expect(complete).toBe(false);
    expect(messages.at(-1)?.message.payload.text).toBe("again");
    expect(messages.length).toBeLessThan(stored);
  });
});
