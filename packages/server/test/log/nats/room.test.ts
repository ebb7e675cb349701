import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Priority } from "@tidegate/protocol";
import { systemClock } from "../../../src/clock.ts";
import { Appender } from "../../../src/log/appender.ts";
import { messageSize } from "../../../src/log/appender.ts";
import { errorName, KEEP_ALL, message } from "../fixture.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

const SETTINGS = { commitDelay: 0, commitMessages: 100, queueMessages: 1000, queueBytes: 1 << 24 };
const PRIORITIES: readonly Priority[] = [0, 1, 2];

describe.skipIf(NATS === undefined)("a stream that fills up", () => {
  test("L81 low priority is refused first, then normal, and high when it is full; with room again all are taken", async () => {
    let keep = KEEP_ALL;
    const log = await bench.open({ maxBytes: 1 << 20, retention: () => keep });
    const appender = new Appender(log, systemClock, SETTINGS, () => {});
    const publish = (priority: Priority): Promise<boolean> =>
      new Promise((resolve) => {
        const one = message("a", "x".repeat(4000), { priority });
        const publisher = { published: () => resolve(true), refused: () => resolve(false) };
        if (appender.submit(one, messageSize(one), publisher, undefined) !== undefined) resolve(false);
      });
    const first = new Map<Priority, number>();
    for (let n = 1; first.size < PRIORITIES.length && n < 1000; n++)
      for (const priority of PRIORITIES) if (!first.has(priority) && !(await publish(priority))) first.set(priority, n);
    const [low = 0, normal = 0, high = 0] = PRIORITIES.map((priority) => first.get(priority));
    expect([low > 0, low < normal, normal < high]).toEqual([true, true, true]);
    expect(await errorName(log.probe())).toBe("LogUnavailable");
    keep = { ...KEEP_ALL, size: 5, idWindow: 0 };
    await log.trim();
    await log.probe();
    expect(await Promise.all(PRIORITIES.map(publish))).toEqual([true, true, true]);
  });
});
