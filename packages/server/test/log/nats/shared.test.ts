import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { until } from "../../support/until.ts";
import { expectChain } from "../contract/order.contract.ts";
import { message, readAll, texts } from "../fixture.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

describe.skipIf(NATS === undefined)("NATS, several gateways", () => {
  test("L71 gateways that open the stream at the same moment share one epoch", async () => {
    const stream = bench.stream();
    const logs = await Promise.all(Array.from({ length: 5 }, () => bench.open({ stream })));
    expect(new Set(logs.map((log) => log.epoch)).size).toBe(1);
  });

  test("L71 each gateway's tail has the messages of all, in one order, with one chain", async () => {
    const stream = bench.stream();
    const logs = await Promise.all([1, 2, 3].map(() => bench.open({ stream })));
    const tails = logs.map((log) => {
      const seen: Stored[] = [];
      log.tail({ messages: (batch) => void seen.push(...batch) });
      return seen;
    });
    await Promise.all(
      logs.map(async (log, gateway) => {
        for (let n = 0; n < 40; n++)
          await log.append([1, 2].map((k) => message(`t/${k}`, `${gateway}-${n}`, { retain: n % 10 === 0 })));
      }),
    );
    await until(() => tails.every((seen) => seen.length === 240));
    const facts = (one: Stored): unknown[] => [one.offset, one.previous, one.message.topic, one.message.payload.text];
    const [first = [], ...others] = tails.map((seen) => seen.map(facts));
    for (const other of others) expect(other).toEqual(first);
    for (const log of logs) expect((await readAll(log, "t/+", 100)).messages.map(facts)).toEqual(first);
    for (const topic of ["t/1", "t/2"]) expectChain(tails[0]?.filter((one) => one.message.topic === topic) ?? [], 0);
  });

  test("L71 an id that came by one gateway is known to the others", async () => {
    const stream = bench.stream();
    const [one, other] = await Promise.all([bench.open({ stream }), bench.open({ stream })]);
    const [first] = (await one?.append([message("a", "1", { id: "x", retain: true })])) ?? [];
    const [again] = (await other?.append([message("a", "2", { id: "x", retain: true })])) ?? [];
    expect(again).toMatchObject({ duplicate: true, stored: first?.stored ?? {} });
    expect(texts((await other?.retained("#", 9)) ?? [])).toEqual(["1"]);
  });

  test("L80 a retained value is the newest that is in the history, whoever stored it", async () => {
    const stream = bench.stream();
    const logs = await Promise.all([1, 2].map(() => bench.open({ stream })));
    await Promise.all(
      logs.map(async (log, gateway) => {
        for (let n = 0; n < 20; n++) await log.append([message("a", `${gateway}-${n}`, { retain: true })]);
      }),
    );
    for (const log of logs) {
      await until(async () => (await log.latest({ topic: "a", limit: 100 })).messages.length === 40);
      const [newest] = (await log.latest({ topic: "a", limit: 1 })).messages;
      expect(await log.retained("a", 1)).toMatchObject([{ offset: newest?.offset, previous: newest?.previous }]);
    }
  });

  test("L80 a message that is sent again after a newer one, and a restart of NATS, does not become the value", async () => {
    const log = await bench.open({ timeout: 2000 });
    const old = message("a", "old", { id: "x", retain: true });
    await log.append([old]);
    const [, newest] = await log.append([message("b", "x"), message("a", "new", { retain: true })]);
    await bench.server.kill();
    await bench.server.start();
    await until(() =>
      log.probe().then(
        () => true,
        () => false,
      ),
    );
    // The server knows the id from the history; the copy that it had was replaced.
    expect(await log.append([old])).toMatchObject([{ duplicate: true }]);
    const [value] = await log.retained("a", 1);
    expect(value?.message.payload.text).toBe("new");
    expect(value?.offset).toBe(newest?.stored.offset ?? -1);
  });
});
