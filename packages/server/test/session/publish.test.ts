import { describe, expect, test } from "bun:test";
import { Stage } from "./stage.ts";

const topic = "chat/a";

describe("storage", () => {
  test("S40 the reply leaves when the message is stored, and not before", async () => {
    const stage = new Stage();
    const [client, other] = [await stage.connected(), await stage.connected()];
    other.do({ subscribe: { topic } });
    const open = stage.log.holdAppends();
    client.do({ publish: { topic, data: 1, messageId: "m1" } }, { ping: {} });
    await stage.advance(60_000);
    expect(client.take()).toEqual(["3 ping"]);
    expect(other.offsets).toEqual([]);
    open();
    await stage.settle();
    expect(client.take()).toEqual(["2 publish"]);
    expect(client.reply("publish")).toEqual({ kind: "publish", epoch: "e1", offset: 1, duplicate: false });
    expect(other.offsets).toEqual([1]);
  });

  test("S45 the same message id again gives the first position", async () => {
    const stage = new Stage();
    const client = await stage.connected();
    const command = { publish: { topic, data: 1, messageId: "m1" } };
    client.do(command, { publish: { topic, data: 2 } }, command);
    await stage.settle();
    client.do(command);
    await stage.settle();
    expect(client.reply("publish")).toEqual({ kind: "publish", epoch: "e1", offset: 1, duplicate: true });
    expect(stage.log.head()).toBe(2);
  });

  test("S44 what could not be stored is refused, and nothing of it is delivered", async () => {
    const stage = new Stage();
    const client = await stage.connected();
    client.do({ subscribe: { topic } });
    stage.log.failAppends();
    client.do({ publish: { topic, data: 1 } });
    await stage.settle();
    expect(client.take()).toEqual(["2 subscribe", "3 error unavailable"]);
    stage.log.failAppends(false);
    client.do({ publish: { topic, data: 1 } });
    await stage.settle();
    expect(client.take().toSorted()).toEqual(["4 publish", "message 1"]);
    expect(stage.stream.appender.depth).toBe(0);
  });

  test("S43 the order of a connection's publishes of one priority is kept, and high goes first", async () => {
    const stage = new Stage({ appender: { commitMessages: 3 } });
    const client = await stage.connected();
    for (const [data, priority] of [
      [1, "low"],
      [2, "normal"],
      [3, "high"],
      [4, "low"],
      [5, "normal"],
      [6, "high"],
      [7, "normal"],
    ])
      client.do({ publish: { topic, data, priority } });
    await stage.settle();
    const { messages } = await stage.log.latest({ topic, limit: 10 });
    expect(messages.map(({ message }) => Number(message.payload.text))).toEqual([3, 6, 2, 5, 7, 1, 4]);
  });

  test("S43 a message is stored with who sent it, when, and by which protocol", async () => {
    const stage = new Stage();
    const client = await stage.connected("ann");
    client.do({ publish: { topic, text: "hi", headers: { a: "b" }, retain: true, priority: "low" } });
    await stage.settle();
    const { messages } = await stage.log.latest({ topic, limit: 1 });
    expect(messages[0]?.message).toMatchObject({
      topic,
      from: "ann",
      time: stage.clock.now(),
      headers: { a: "b" },
      retain: true,
      priority: 0,
      origin: "websocket",
    });
  });

  test("S46 the replies of one commit are one write, also in Protobuf", async () => {
    for (const subprotocol of ["tidegate.v1.json", "tidegate.v1.proto"] as const) {
      const stage = new Stage();
      const client = await stage.connected(undefined, subprotocol);
      const { writes } = client.wire;
      for (let id = 2; id < 12; id++) client.raw(`{"id":${id},"publish":{"topic":"${topic}","data":${id}}}`);
      await stage.settle();
      expect(client.wire.writes - writes).toBe(1);
      expect(client.take()).toEqual(Array.from({ length: 10 }, (_, n) => `${n + 2} publish`));
    }
  });

  test("S8 a reply for a client that has gone goes nowhere", async () => {
    const stage = new Stage();
    const client = await stage.connected();
    const open = stage.log.holdAppends();
    client.do({ publish: { topic, data: 1 } });
    await stage.settle();
    client.lose();
    const { length } = client.wire.frames;
    open();
    await stage.settle();
    expect([stage.log.head(), client.wire.frames.length]).toEqual([1, length]);
  });
});

describe("refusals before storage", () => {
  test("S41 more than the rate; after a while it may again", async () => {
    const stage = new Stage({ limits: { publishRate: 10, publishBurst: 2 } });
    const client = await stage.connected();
    const publish = { publish: { topic, data: 1 } };
    client.do(publish, publish, publish);
    await stage.advance(100);
    client.do(publish, publish);
    await stage.settle();
    expect(client.take().toSorted()).toEqual([
      "2 publish",
      "3 publish",
      "4 error rate_limited",
      "5 publish",
      "6 error rate_limited",
    ]);
  });

  test("S41 a topic that is not allowed, a large payload, a retained value where there is none", async () => {
    const stage = new Stage({ defaults: { maxPayload: 10, retained: false } });
    const client = await stage.connected("ann");
    client.do({ publish: { topic: "user/bob", data: 1 } });
    expect(client.error).toBe("forbidden");
    client.do({ publish: { topic: "secret/a", data: 1 } });
    expect(client.error).toBe("forbidden");
    client.do({ publish: { topic, text: "ä".repeat(6) } });
    expect(client.error).toBe("too_large");
    client.do({ publish: { topic, data: 1, retain: true } });
    expect(client.error).toBe("not_enabled");
    client.do({ publish: { topic, text: "ä".repeat(5) } });
    await stage.settle();
    expect(stage.log.head()).toBe(1);
  });

  test("S42 near the bound of what waits low priority is refused first, then normal, then high", async () => {
    const stage = new Stage({ appender: { queueMessages: 10 } });
    const client = await stage.connected();
    const open = stage.log.holdAppends();
    const taken = { low: 0, normal: 0, high: 0 };
    for (const priority of ["low", "normal", "high"] as const)
      for (let refused = false; !refused;) {
        const id = client.do({ publish: { topic, data: 1, priority } });
        refused = client.take().includes(`${id} error overloaded`);
        if (!refused) taken[priority] += 1;
      }
    expect(taken).toEqual({ low: 5, normal: 3, high: 2 });
    expect(client.reply("error").error.temporary).toBe(true);
    await stage.settle();
    expect(stage.stream.appender.depth).toBe(10);
    open();
    await stage.settle();
    expect([stage.log.head(), stage.stream.appender.depth]).toEqual([10, 0]);
    client.do({ publish: { topic, data: 1, priority: "low" } });
    await stage.settle();
    expect(stage.log.head()).toBe(11);
  });

  test("S42 the bound counts bytes, too", async () => {
    const stage = new Stage({ appender: { queueBytes: 100_000 } });
    const client = await stage.connected();
    stage.log.holdAppends();
    const large = { publish: { topic, text: "x".repeat(30_000) } };
    client.do(large, large, large);
    await stage.settle();
    expect(client.take()).toEqual(["4 error overloaded"]);
  });
});
