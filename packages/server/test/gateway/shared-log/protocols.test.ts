import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Gateway } from "../../../src/gateway/gateway.ts";
import { EventReader } from "../../http/event-reader.ts";
import { JsonClient } from "../../e2e/json-client.ts";
import { NATS } from "../../log/nats/fixture.ts";
import { until } from "../../support/until.ts";
import { ask, dataOf, mqtt, SharedBench, webSocket } from "./cluster.ts";
import { SECRET, tokenOf } from "../../support/gateway.ts";

const bench = new SharedBench();
beforeAll(bench.start);
afterAll(bench.remove);

async function publish(client: JsonClient, topic: string, ...data: readonly unknown[]): Promise<void> {
  const replies = await Promise.all(data.map((each) => ask(client, { publish: { topic, data: each } })));
  for (const reply of replies) expect(reply["publish"]).toBeDefined();
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.skipIf(NATS === undefined)("two gateways on one log", () => {
  test("D40 what is published at one comes at the other once and in order, by every protocol, with and without wildcards", async () => {
    const [one, two] = await bench.pair();
    const sender = await webSocket(one);
    const [exact, wild, all, near] = [
      await webSocket(two),
      await webSocket(two),
      await webSocket(two),
      await webSocket(one),
    ];
    await Promise.all([exact, near].map((client) => ask(client, { subscribe: { topic: "chat/a" } })));
    expect((await ask(wild, { subscribe: { topic: "chat/+" } }))["subscribe"]).toHaveProperty("offset");
    expect((await ask(all, { subscribe: { topic: "#" } }))["subscribe"]).not.toHaveProperty("offset");
    const events = await EventReader.open(`${two.url}v1/subscribe?topic=chat/a`);
    const things = await mqtt(two);
    await things.subscribe("chat/#", { qos: 1 });
    await publish(sender, "chat/a", ...numbers(1, 20));
    for (const client of [exact, near, wild, all]) {
      await client.until(() => client.messages().length >= 20);
      expect(dataOf(client)).toEqual(numbers(1, 20));
    }
    const [, ...told] = await events.take(21);
    expect(told.map(({ data }) => (JSON.parse(data) as { data: number }).data)).toEqual(numbers(1, 20));
    for (const n of numbers(1, 20)) {
      const { payload, packetId } = await things.take("publish");
      expect(Buffer.from(payload).toString()).toBe(`${n}`);
      things.ack("puback", packetId ?? 0);
    }
    events.leave();
    // Counted once, however many want it: the topic, three filters, and nothing for who is not signed in.
    const metrics = await (await fetch(`${two.url}metrics`)).text();
    expect(metrics).toMatch(/^tidegate_log_filters 4$/m);
  });

  test("D40 what MQTT and HTTP publish at one comes at the other", async () => {
    const [one, two] = await bench.pair();
    const receiver = await webSocket(two);
    await ask(receiver, { subscribe: { topic: "iot/#" } });
    const thing = await mqtt(one);
    await thing.deliver("iot/a", "1", { qos: 1 });
    await thing.deliver("iot/a", "2", { qos: 2 });
    const answer = await fetch(`${one.url}v1/publish`, {
      method: "POST",
      body: JSON.stringify({ topic: "iot/b", data: 3 }),
      headers: { "Content-Type": "application/json" },
    });
    expect(answer.status).toBe(200);
    await receiver.until(() => receiver.messages().length >= 3);
    expect(dataOf(receiver)).toEqual([1, 2, 3]);
  });

  test("D41 who comes back to another gateway gets what it missed, all of it and nothing twice", async () => {
    const [one, two] = await bench.pair();
    const [sender, first] = [await webSocket(two), await webSocket(one)];
    const { epoch, offset } = (await ask(first, { subscribe: { topic: "chat/a" } }))["subscribe"]!;
    first.close();
    await publish(sender, "chat/a", ...numbers(1, 300));
    const second = await webSocket(two);
    const state = (await ask(second, { subscribe: { topic: "chat/a", since: { epoch, offset } } }))["subscribe"];
    expect(state).toMatchObject({ epoch, recovered: true });
    await publish(sender, "chat/a", 301);
    await second.until(() => second.messages().length >= 301);
    expect(dataOf(second)).toEqual(numbers(1, 301));
  });

  test("D42 a position that another gateway gave is known to one that has seen nothing since", async () => {
    const [one, two] = await bench.pair();
    const [there, here] = [await webSocket(one), await webSocket(two)];
    // In force at the second before the first goes on: what it knows of the log is old by then.
    await ask(here, { subscribe: { topic: "quiet/a" } });
    const position = async (client: JsonClient, topic: string): Promise<unknown> => {
      const { epoch, offset } = (await ask(client, { subscribe: { topic } }))["subscribe"]!;
      return { epoch, offset };
    };
    await publish(there, "busy/a", 1, 2, 3);
    const since = await position(there, "quiet/a");
    const back = await webSocket(two);
    const state = await ask(back, { subscribe: { topic: "quiet/a", since } });
    expect(state["subscribe"]).toMatchObject({ recovered: true });
    const nobody = await webSocket(two);
    const beyond = { ...(since as object), offset: 1e9 };
    const unknown = await ask(nobody, { subscribe: { topic: "quiet/a", since: beyond } });
    expect(unknown["subscribe"]).toMatchObject({ recovered: false });
  });

  test("D43 the personal topic and its position are the same at all gateways", async () => {
    const env = { AUTH_JWT_SECRET: SECRET, AUTH_USER_PERMISSIONS_PUBLISH: "#,user/#" };
    const [one, two] = await bench.pair(env);
    const token = await tokenOf("ann");
    const [first, sender] = [await webSocket(one, token), await webSocket(two, await tokenOf("bob"))];
    await publish(sender, "user/ann", 1);
    await first.until(() => first.messages().length >= 1);
    const { epoch, offset } = connectedAt(first, one);
    first.close();
    await publish(sender, "user/ann", 2, 3);
    const second = await webSocketSince(two, token, { epoch, offset });
    await publish(sender, "user/ann", 4);
    await second.until(() => second.messages().length >= 3);
    expect(dataOf(second)).toEqual([2, 3, 4]);
  });

  test("D44 a subscription that ends before the log gives its topic leaves nothing behind", async () => {
    const [one] = await bench.pair();
    const client = await webSocket(one);
    const replies = Promise.all([
      ask(client, { subscribe: { topic: "chat/a" } }),
      ask(client, { unsubscribe: { topic: "chat/a" } }),
      ask(client, { subscribe: { topic: "chat/a" } }),
    ]);
    expect(await replies).toMatchObject([{ error: { reason: "unavailable" } }, { unsubscribe: {} }, { subscribe: {} }]);
    await publish(client, "chat/a", 1);
    await client.until(() => client.messages().length === 1);
    client.send({ id: 1000, subscribe: { topic: "chat/b" } });
    client.close();
    await until(() => one.services.hub.groups === 0);
  });

  test("D44 MQTT: a subscription is there when SUBACK comes, and what the client sends meanwhile waits for that", async () => {
    const [one, two] = await bench.pair();
    const [sender, thing] = [await webSocket(one), await mqtt(two)];
    const ids = [thing.sendSubscribe("a/1", { qos: 1 }), thing.sendSubscribe("a/2")];
    thing.publish("a/1", "own");
    expect((await thing.take("suback")).packetId).toBe(ids[0]!);
    await publish(sender, "a/1", 1);
    // It is of another filter, and may come before or after the message.
    await thing.pick("suback", ids[1]!);
    const came = [await thing.take("publish"), await thing.take("publish")];
    expect(came.map(({ payload }) => Buffer.from(payload).toString()).toSorted()).toEqual(["1", "own"]);
  });
});

function connectedAt(client: JsonClient, { streams }: Gateway): { epoch: string; offset: number } {
  const offset = client.messages().at(-1)?.["offset"] as number;
  return { epoch: streams.of("user").log.epoch, offset };
}

async function webSocketSince(gateway: Gateway, token: string, since: object): Promise<JsonClient> {
  const client = await JsonClient.open(`${gateway.url.replace("http", "ws")}ws`);
  const reply = await ask(client, { connect: { token, since } });
  expect(reply["connect"]).toMatchObject({ personal: { recovered: true } });
  return client;
}
