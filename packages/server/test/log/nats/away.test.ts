import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Log } from "../../../src/log/log.ts";
import { errorName, message, numbered, readAll, texts } from "../fixture.ts";
import { until } from "../../support/until.ts";
import { expectChain } from "../contract/order.contract.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

/** Resolves when the log stores again. */
async function storesAgain(log: Log, topic: string): Promise<void> {
  await until(async () => (await errorName(log.append([message(topic, "back")]))) === "no error");
}

describe.skipIf(NATS === undefined)("NATS away", () => {
  test("L73 L74 while NATS is down appends are refused, and afterwards the log goes on where it was", async () => {
    const stream = bench.stream();
    const log = await bench.open({ stream, timeout: 2000 });
    const other = await bench.open({ stream, timeout: 2000 });
    const seen: string[] = [];
    other.tail({ messages: (batch) => void seen.push(...texts(batch)) });
    await log.append(numbered("a", 3));
    const { epoch } = log;
    await bench.server.kill();
    await until(async () => (await errorName(log.append([message("a", "refused")]))) === "LogUnavailable");
    expect(await errorName(log.probe())).toBe("LogUnavailable");
    expect(await errorName(log.read({ filter: "a", after: 0, limit: 1 }))).toBe("LogUnavailable");
    await bench.server.start();
    await storesAgain(log, "a");
    await log.probe();
    expect(log.epoch).toBe(epoch);
    expect(texts((await readAll(log, "a")).messages)).toEqual(["1", "2", "3", "back"]);
    await until(() => seen.includes("back"));
    expect(seen).toEqual(["1", "2", "3", "back"]);
  });

  test("L73 a NATS that stands still is noticed within the timeout, and nothing is acknowledged meanwhile", async () => {
    const log = await bench.open({ timeout: 300 });
    const [first] = await log.append([message("a", "1")]);
    await bench.server.pause();
    try {
      expect(await errorName(log.append([message("a", "2")]))).toBe("LogUnavailable");
      expect(await errorName(log.probe())).toBe("LogUnavailable");
    } finally {
      bench.server.resume();
    }
    await storesAgain(log, "a");
    // What had been sent may have been stored: it was not acknowledged, and it is not there twice.
    const found = texts((await readAll(log, "a")).messages);
    expect(found.filter((text) => text === "1")).toEqual(["1"]);
    expect(found.filter((text) => text === "2").length).toBeLessThanOrEqual(1);
    expectChain((await readAll(log, "a")).messages, 0);
    expect(log.head()).toBeGreaterThan(first?.stored.offset ?? Infinity);
  });

  test("L74 over 6 kills under load every acknowledged message is stored once, in order, and the tail has no gap", async () => {
    const log = await bench.open({ timeout: 1000 });
    const seen: number[] = [];
    log.tail({ messages: (batch) => void seen.push(...batch.map((stored) => stored.offset)) });
    const acknowledged = new Map<string, number>();
    let running = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; running; n++) {
        const ids = Array.from({ length: 5 }, (__, k) => `${writer}-${n}-${k}`);
        const messages = ids.map((id, k) => message(`t/${k}`, id, { id, retain: k === 4 }));
        // Sent again until it is acknowledged, as a publisher does.
        await until(async () => {
          const results = await log.append(messages).catch(() => undefined);
          for (const [i, id] of ids.entries()) if (results) acknowledged.set(id, results[i]?.stored.offset ?? -1);
          return results !== undefined || !running;
        });
      }
    });
    for (let round = 0; round < 6; round++) {
      const before = acknowledged.size;
      await until(() => acknowledged.size >= before + 200);
      await bench.server.kill();
      await bench.server.start();
    }
    const before = acknowledged.size;
    await until(() => acknowledged.size > before);
    running = false;
    await Promise.all(writers);
    const { messages, complete } = await readAll(log, "t/#", 1000);
    expect(complete).toBe(true);
    const stored = new Map(messages.map((one) => [one.message.id ?? "", one.offset]));
    expect(stored.size).toBe(messages.length);
    expect([...acknowledged].filter(([id, offset]) => stored.get(id) !== offset)).toEqual([]);
    for (let k = 0; k < 5; k++) expectChain((await readAll(log, `t/${k}`, 1000)).messages, 0);
    await until(() => seen.length >= messages.length);
    expect(seen).toEqual(messages.map((one) => one.offset));
  }, 60_000);

  test("L75 a stream that was deleted is refused, and the one that is made anew has another epoch", async () => {
    const stream = bench.stream();
    const log = await bench.open({ stream, timeout: 1000 });
    await log.append(numbered("a", 2));
    await bench.deleteStream(stream);
    expect(await errorName(log.append([message("a", "3")]))).toBe("LogUnavailable");
    const anew = await bench.open({ stream, timeout: 1000 });
    expect(anew.epoch).not.toBe(log.epoch);
    await anew.append(numbered("a", 5));
    expect(await errorName(log.append([message("a", "3")]))).toBe("LogUnavailable");
    expect(await errorName(log.probe())).toBe("LogUnavailable");
    expect(texts((await readAll(anew, "a")).messages)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("L75 a stream that was made anew with the same configuration is another epoch, too", async () => {
    const stream = bench.stream();
    const log = await bench.open({ stream, timeout: 1000 });
    await log.append(numbered("a", 5));
    await bench.remakeStream(stream);
    expect(await errorName(log.append([message("a", "3")]))).toBe("LogUnavailable");
    expect(await errorName(log.probe())).toBe("LogUnavailable");
    expect((await bench.open({ stream })).epoch).not.toBe(log.epoch);
  });
});
