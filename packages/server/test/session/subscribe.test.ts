import { describe, expect, test } from "bun:test";
import { Stage, type StageSettings } from "./stage.ts";
import type { Client } from "./client.ts";

const topic = "chat/a";

/** A stage with somebody who publishes. */
async function staged(settings: StageSettings = {}) {
  const stage = new Stage(settings);
  const robot = await stage.connected();
  const publish = async (to: string, count = 1, more: object = {}): Promise<void> => {
    for (let n = 0; n < count; n++) robot.do({ publish: { topic: to, data: n, ...more } });
    await stage.settle();
  };
  return { stage, publish };
}

const since = (offset: number, epoch = "e1") => ({ since: { epoch, offset } });

describe("live", () => {
  test.each(["tidegate.v1.json", "tidegate.v1.proto"] as const)(
    "S30 each message comes once, in order, after the reply (%s)",
    async (subprotocol) => {
      const { stage, publish } = await staged();
      const client = await stage.connected(undefined, subprotocol);
      await publish(topic);
      client.raw(`{"id":2,"subscribe":{"topic":"${topic}"}}`);
      await publish(topic, 3);
      await publish("chat/b");
      expect(client.take()).toEqual(["2 subscribe", "message 2", "message 3", "message 4"]);
      expect(client.reply("subscribe")).toEqual({ kind: "subscribe", epoch: "e1", offset: 1, recovered: undefined });
    },
  );

  test("S30 a message for a topic and for two filters comes once for each subscription, and names its filter", async () => {
    const { stage, publish } = await staged();
    const client = await stage.connected();
    for (const each of [topic, "chat/+", "#"]) client.do({ subscribe: { topic: each } });
    await publish(topic);
    await publish("$internal/a");
    expect(client.offsets).toEqual([1, 1, 1]);
    expect(new Set(client.pushes("message").map(({ filter }) => filter))).toEqual(new Set([undefined, "chat/+", "#"]));
  });

  test("S37 unsubscribe ends one subscription, and what is not there is told", async () => {
    const { stage, publish } = await staged();
    const client = await stage.connected();
    client.do({ subscribe: { topic } }, { subscribe: { topic: "chat/+" } }, { unsubscribe: { topic } });
    client.do({ unsubscribe: { topic } });
    await publish(topic);
    expect(client.take()).toEqual([
      "2 subscribe",
      "3 subscribe",
      "4 unsubscribe",
      "5 error not_subscribed",
      "message 1",
    ]);
    expect(client.pushes("message")[0]?.filter).toBe("chat/+");
    expect(stage.hub.groups).toBe(1);
  });
});

describe("since", () => {
  test("S31 gives what was stored after it, and goes on live", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 3);
    const client = await stage.connected();
    client.do({ subscribe: { topic, ...since(1) } });
    await publish(topic);
    expect(client.take()).toEqual(["2 subscribe", "message 2", "message 3", "message 4"]);
    expect(client.reply("subscribe")).toMatchObject({ epoch: "e1", recovered: true });
  });

  test("S31 nothing was missed: nothing is replayed", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 2);
    const client = await stage.connected();
    client.do({ subscribe: { topic, ...since(2) } });
    await stage.settle();
    expect(client.take()).toEqual(["2 subscribe"]);
    expect(client.reply("subscribe")).toEqual({ kind: "subscribe", epoch: "e1", offset: 2, recovered: true });
  });

  test.each([
    ["another epoch", since(1, "old")],
    ["an offset that this log never gave out", since(1_000)],
  ])("S32 after %s nothing is replayed, and that is told", async (_, position) => {
    const { stage, publish } = await staged();
    await publish(topic, 3);
    const client = await stage.connected();
    client.do({ subscribe: { topic, ...position } });
    await stage.settle();
    await publish(topic);
    expect(client.take()).toEqual(["2 subscribe", "message 4"]);
    expect(client.reply("subscribe")).toEqual({ kind: "subscribe", epoch: "e1", offset: 3, recovered: false });
  });

  test("S32 never a part that looks like the whole: after removed messages none is replayed", async () => {
    const history = { size: 2, age: 1e9 };
    const { stage, publish } = await staged({ defaults: { history } });
    await publish(topic, 5);
    const [client, whole] = [await stage.connected(), await stage.connected()];
    client.do({ subscribe: { topic, ...since(2) } });
    whole.do({ subscribe: { topic, ...since(3) } });
    await stage.settle();
    expect(client.take()).toEqual(["2 subscribe"]);
    expect(client.reply("subscribe")).toMatchObject({ offset: 5, recovered: false });
    expect(whole.take()).toEqual(["2 subscribe", "message 4", "message 5"]);
  });

  test("S31 S30 what is stored while the history is read comes behind it, once", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 2);
    const client = await stage.connected();
    const open = stage.log.holdReads();
    client.do({ subscribe: { topic, ...since(0) } });
    await publish(topic, 2);
    expect(client.take()).toEqual([]);
    open();
    await stage.settle();
    await publish(topic);
    expect(client.take()).toEqual(["2 subscribe", "message 1", "message 2", "message 3", "message 4", "message 5"]);
  });

  test("S37 unsubscribe ends a replay; a subscription after it is another one", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 500);
    const client = await stage.connected();
    client.wire.buffered = 90_000;
    client.do({ subscribe: { topic, ...since(0) } });
    await stage.settle();
    client.wire.buffered = 0;
    client.session.drained();
    client.wire.buffered = 90_000;
    await stage.settle();
    const first = client.offsets.length;
    expect(first).toBe(200);
    client.do({ unsubscribe: { topic } });
    client.wire.buffered = 0;
    client.session.drained();
    await publish(topic);
    expect(client.offsets.length).toBe(first);
    client.do({ subscribe: { topic } });
    await publish(topic);
    expect(client.offsets.slice(first)).toEqual([502]);
    expect(stage.hub.groups).toBe(1);
  });

  test("S37 also while a page of it is being read", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 300);
    const client = await stage.connected();
    client.wire.buffered = 90_000;
    client.do({ subscribe: { topic, ...since(0) } });
    await stage.settle();
    const open = stage.log.holdReads();
    client.wire.buffered = 0;
    client.session.drained();
    await stage.settle();
    client.do({ unsubscribe: { topic } });
    open();
    await stage.settle();
    expect(client.offsets.length).toBe(0);
  });

  test("S38 a log that cannot be read refuses the subscription", async () => {
    const { stage } = await staged();
    const client = await stage.connected();
    stage.log.failReads();
    client.do({ subscribe: { topic, ...since(0) } });
    await stage.settle();
    expect(client.take()).toEqual(["2 error unavailable"]);
    expect(stage.hub.groups).toBe(0);
  });

  test.each([{}, { window: 10_000 }])("S38 one that fails later ends the subscription (%o)", async (more) => {
    const { stage, publish } = await staged();
    await publish(topic, 500);
    const client = await stage.connected();
    client.wire.buffered = 90_000;
    client.do({ subscribe: { topic, ...since(0), ...more } });
    await stage.settle();
    stage.log.failReads();
    client.wire.buffered = 0;
    client.session.drained();
    await stage.settle();
    expect(client.take().at(-1)).toBe(`unsubscribed ${topic} unavailable`);
    expect(stage.hub.groups).toBe(0);
  });
});

describe("retained values", () => {
  test("S33 come after the reply and before the live messages", async () => {
    const { stage, publish } = await staged();
    await publish("chat/a", 2, { retain: true });
    await publish("chat/b", 1, { retain: true });
    const client = await stage.connected();
    client.do({ subscribe: { topic: "chat/+", retained: true } });
    await publish("chat/b");
    expect(client.take()).toEqual(["2 subscribe", "message 2", "message 3", "message 4"]);
  });

  test("S33 with since no message comes twice, and a value from before it does not come", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 1, { retain: true });
    await publish(topic, 2);
    await publish(topic, 1, { retain: true });
    const client = await stage.connected();
    client.do({ subscribe: { topic, retained: true, ...since(2) } });
    await stage.settle();
    expect(client.offsets).toEqual([3, 4]);
  });

  test("S33 after an epoch that is over the value is what there is", async () => {
    const { stage, publish } = await staged();
    await publish(topic, 1, { retain: true });
    const client = await stage.connected();
    client.do({ subscribe: { topic, retained: true, ...since(5, "old") } });
    await stage.settle();
    expect(client.take()).toEqual(["2 subscribe", "message 1"]);
  });
});

describe("over several namespaces", () => {
  test("S34 a filter has no position and is live only", async () => {
    const { stage, publish } = await staged();
    const client = await stage.connected();
    client.do({ subscribe: { topic: "+/a", ...since(0) } });
    await publish("chat/a");
    await publish("other/a");
    expect(client.reply("subscribe")).toEqual({
      kind: "subscribe",
      epoch: undefined,
      offset: undefined,
      recovered: false,
    });
    expect(client.offsets).toEqual([1, 1]);
  });

  test.each([{ retained: true }, { window: 5 }])("S34 %o is refused", async (more) => {
    const client = await new Stage().connected();
    client.do({ subscribe: { topic: "#", ...more } });
    expect(client.error).toBe("invalid_argument");
  });
});

describe("refusals", () => {
  const refusal = async (command: object, settings: StageSettings = {}, token?: string): Promise<Client> => {
    const stage = new Stage(settings);
    const client = await stage.connected(token);
    client.do({ subscribe: { topic: "chat/first" } }, { subscribe: command });
    expect(client.session.open?.subscriptions.length).toBe(token === undefined ? 1 : 2);
    return client;
  };

  test("S35 a topic that is not allowed", async () => {
    expect((await refusal({ topic: "user/bob" }, {}, "ann")).error).toBe("forbidden");
    expect((await refusal({ topic: "secret/a" })).error).toBe("forbidden");
  });

  test("S35 the same topic again", async () => {
    expect((await refusal({ topic: "chat/first" })).error).toBe("already_subscribed");
  });

  test("S35 more than the connection may have", async () => {
    expect((await refusal({ topic: "chat/b" }, { limits: { maxSubscriptions: 1 } })).error).toBe("limit_reached");
  });

  test("S35 presence in a filter, and where there is none", async () => {
    expect((await refusal({ topic: "chat/+", presence: true })).error).toBe("invalid_argument");
    const presence = { enabled: false, grace: 0, maxMembers: 10 };
    expect((await refusal({ topic, presence: true }, { defaults: { presence } })).error).toBe("not_enabled");
  });
});

describe("presence", () => {
  test("S36 who subscribes with it is present until the subscription ends, and hears of others", async () => {
    const stage = new Stage();
    const [ann, bob] = [await stage.connected("ann"), await stage.connected("bob")];
    ann.do({ subscribe: { topic, presence: { name: "Ann" } } });
    await stage.advance(1_000);
    bob.do({ subscribe: { topic, presence: true } });
    await stage.advance(1_000);
    expect(ann.pushes("join").at(-1)).toMatchObject({ topic, count: 2, members: [{ user: "bob" }] });
    bob.do({ presence: { topic } });
    await stage.settle();
    expect(bob.reply("presence")).toMatchObject({ count: 2 });
    bob.do({ unsubscribe: { topic } });
    await stage.advance(60_000);
    expect(ann.pushes("leave").at(-1)).toMatchObject({ topic, count: 1, members: [{ user: "bob" }] });
    ann.do({ presence: { topic } });
    await stage.settle();
    expect(ann.reply("presence").members).toEqual([{ user: "ann", info: '{"name":"Ann"}' }]);
  });

  test("S36 S38 a subscription that could not begin leaves nobody present", async () => {
    const stage = new Stage();
    const ann = await stage.connected("ann");
    stage.log.failReads();
    ann.do({ subscribe: { topic, presence: true, ...since(0) } });
    await stage.advance(60_000);
    ann.do({ presence: { topic, count: true } });
    await stage.settle();
    expect(ann.reply("presence").count).toBe(0);
  });
});
