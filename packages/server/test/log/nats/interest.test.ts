import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import type { Interest, Log } from "../../../src/log/log.ts";
import { until } from "../../support/until.ts";
import { expectChain } from "../contract/order.contract.ts";
import { message, numbered, readAll, texts } from "../fixture.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

interface Listener {
  readonly log: Log;
  readonly seen: Stored[];
}

/** A gateway's log that goes by interest. */
async function listener(stream: string): Promise<Listener> {
  const log = await bench.open({ stream, byInterest: true, timeout: 2000 });
  const seen: Stored[] = [];
  log.tail({ messages: (batch) => void seen.push(...batch) });
  return { log, seen };
}

function want({ log }: Listener, filter: string): Interest {
  if (log.interest === undefined) throw new Error("this log does not go by interest");
  return log.interest(filter);
}

describe.skipIf(NATS === undefined)("NATS by interest", () => {
  test("L77 the tail gives only what was asked for, each once, until it is taken back", async () => {
    const stream = bench.stream();
    const writer = await bench.open({ stream });
    const one = await listener(stream);
    const other = await listener(stream);
    const topics = ["chat/a", "chat/b", "chat", "iot/a", "$sys/a"];
    const wanted = [want(one, "chat/#"), want(one, "chat/a"), want(one, "chat/a"), want(other, "iot/+")];
    await Promise.all(wanted.map((each) => each.ready));
    await writer.append(topics.map((topic) => message(topic, topic)));
    await until(() => one.seen.length >= 3 && other.seen.length >= 1);
    wanted[0]?.end();
    wanted[1]?.end();
    wanted[1]?.end();
    const again = want(other, "#");
    await again.ready;
    await writer.append(topics.map((topic) => message(topic, topic)));
    await until(() => other.seen.length >= 5 && one.seen.length >= 4);
    expect(texts(one.seen)).toEqual(["chat/a", "chat/b", "chat", "chat/a"]);
    expect(texts(other.seen)).toEqual(["iot/a", "chat/a", "chat/b", "chat", "iot/a"]);
  });

  test("L77 a gateway whose clients want nothing of it receives none of the messages", async () => {
    const stream = bench.stream();
    const writer = await bench.open({ stream });
    const idle = await listener(stream);
    await want(idle, "quiet/+").ready;
    const before = await bench.bytesOut();
    for (let i = 0; i < 20; i++) await writer.append([message("busy/topic", "x".repeat(10_000))]);
    await idle.log.probe();
    // The writer has its own tail, and gets each message back once.
    expect((await bench.bytesOut()) - before).toBeLessThan(20 * 10_000 * 1.5);
    expect(idle.seen).toEqual([]);
  });

  test.each(["t/1", "t/+"])("L77 what is read of %s and what comes live then is everything, once", async (filter) => {
    const stream = bench.stream();
    const writer = await bench.open({ stream });
    const reader = await listener(stream);
    let running = true;
    const load = (async () => {
      for (let n = 0; running; n++)
        await writer.append([...numbered("t/1", 3), message("t/2", `${n}`), message("u", "x")]);
    })();
    await until(() => writer.head() > 100);
    await want(reader, filter).ready;
    const first = (await readAll(reader.log, filter, 200)).messages;
    const from = first.at(-1)?.offset ?? 0;
    await until(() => (reader.seen.at(-1)?.offset ?? 0) > from + 200);
    running = false;
    await load;
    const whole = (await readAll(writer, filter, 1000)).messages;
    await until(() => reader.seen.at(-1)?.offset === whole.at(-1)?.offset);
    const live = reader.seen.filter((one) => one.offset > from);
    expect([...first, ...live].map((one) => one.offset)).toEqual(whole.map((one) => one.offset));
  });

  test("L86 a filter is in force from the offset that it says: nothing after it is missing, nothing before it comes", async () => {
    const stream = bench.stream();
    const writer = await bench.open({ stream });
    const reader = await listener(stream);
    for (let round = 0; round < 3; round++) {
      // What was known of the topic from an earlier time is no gap.
      await writer.append(numbered("t", 5));
      const wanted = want(reader, "t");
      const offset = await wanted.ready;
      expect(offset).toBeGreaterThan(writer.head());
      await writer.append(numbered("t", 3));
      await until(() => reader.seen.at(-1)?.offset === writer.head());
      expect(reader.seen.splice(0)).toHaveLength(3);
      wanted.end();
    }
  });

  test("L87 catchUp comes as far as any gateway had come, also where nothing was asked for", async () => {
    const stream = bench.stream();
    const [one, other] = [await listener(stream), await listener(stream)];
    const wanted = want(one, "quiet");
    await wanted.ready;
    await other.log.append(numbered("busy", 5));
    const there = await want(other, "quiet").ready;
    expect(one.log.head()).toBeLessThan(there);
    expect(await wanted.catchUp()).toBeGreaterThan(there);
  });

  test("L77 an own message on a topic that nobody asked for is acknowledged without the tail", async () => {
    const own = await listener(bench.stream());
    const [first, second] = await own.log.append(numbered("a", 2));
    expect(second?.stored.offset).toBeGreaterThan(first?.stored.offset ?? Infinity);
    expect(second?.stored.previous).toBeUndefined();
    expect(texts(await own.log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["1", "2"]);
    expect(texts(await own.log.latest({ topic: "a", limit: 1 }))).toEqual(["2"]);
    await want(own, "a").ready;
    const [third] = await own.log.append([message("a", "3")]);
    expect(third?.stored.previous).toBe(second?.stored.offset ?? -1);
    expect(texts(own.seen)).toEqual(["3"]);
  });

  test.each([true, false])(
    "L72 live messages that did not come are read from the stream (by interest: %p)",
    async (by) => {
      const stream = bench.stream();
      const writer = await bench.open({ stream, byInterest: true });
      const log = await bench.open({ stream, byInterest: by });
      const seen: Stored[] = [];
      log.tail({ messages: (batch) => void seen.push(...batch) });
      await log.interest?.("a/#").ready;
      await writer.append([...numbered("a/1", 2), ...numbered("a/2", 2)]);
      await until(() => seen.length === 4);
      const republish = await bench.withoutRepublish(stream, async () => {
        await writer.append([...numbered("a/1", 3, 3), message("b", "x"), ...numbered("a/3", 2)]);
      });
      expect(republish).toBe(true);
      await writer.append([message("a/1", "6"), message("a/3", "3"), message("a/2", "3")]);
      await until(() => seen.filter((one) => one.message.topic !== "b").length >= 12);
      for (const topic of ["a/1", "a/2", "a/3"]) {
        const mine = seen.filter((one) => one.message.topic === topic);
        expectChain(mine, 0);
        expect(texts(mine)).toEqual(texts(await readAll(writer, topic).then(({ messages }) => messages)));
      }
    },
  );

  test("L84 who reads a message that was lost on the way has the tail hand it on first", async () => {
    const stream = bench.stream();
    const [writer, reader] = [await bench.open({ stream, byInterest: true }), await listener(stream)];
    await want(reader, "t").ready;
    await writer.append(numbered("t", 2));
    await bench.withoutRepublish(stream, async () => void (await writer.append(numbered("t", 2, 3))));
    expect(texts(await reader.log.read({ filter: "t", after: 0, limit: 9 }))).toEqual(["1", "2"]);
    // Something else tells that more is stored.
    await want(reader, "u").ready;
    expect(texts(await reader.log.read({ filter: "+", after: 0, limit: 9 }))).toEqual(["1", "2", "3", "4"]);
    expect(texts(reader.seen)).toEqual(["1", "2", "3", "4"]);
    await writer.append([message("t", "5")]);
    await until(() => reader.seen.length === 5);
    expectChain(reader.seen, 0);
  });

  test.each(["t", "+"])(
    "L85 a message that was lost on the way comes also if its topic is quiet from then on (%s)",
    async (filter) => {
      const stream = bench.stream();
      const writer = await bench.open({ stream, byInterest: true });
      const log = await bench.open({ stream, byInterest: true, audit: true });
      const seen: Stored[] = [];
      log.tail({ messages: (batch) => void seen.push(...batch) });
      await log.interest?.(filter).ready;
      await bench.withoutRepublish(stream, async () => void (await writer.append(numbered("t", 3))));
      await log.interest?.("u").ready;
      await until(() => seen.length === 3);
      expect(texts(seen)).toEqual(["1", "2", "3"]);
    },
  );

  test("L72 L74 by interest, the tail is whole again after NATS was killed", async () => {
    const stream = bench.stream();
    const writer = await bench.open({ stream, timeout: 1000 });
    const reader = await listener(stream);
    await want(reader, "t/+").ready;
    for (let round = 0; round < 3; round++) {
      await until(() => writer.append(numbered("t/1", 5)).then(Boolean, () => false));
      await bench.server.kill();
      await bench.server.start();
      await until(() => writer.append([...numbered("t/2", 5), message("u", "x")]).then(Boolean, () => false));
    }
    const { messages } = await readAll(writer, "t/+", 1000);
    await until(() => reader.seen.length >= messages.length);
    expect(reader.seen.map((one) => one.offset)).toEqual(messages.map((one) => one.offset));
  });
});
