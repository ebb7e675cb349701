import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import type { Gateway } from "../../../src/gateway/gateway.ts";
import { JsonClient } from "../../e2e/json-client.ts";
import { NATS } from "../../log/nats/fixture.ts";
import { until } from "../../support/until.ts";
import { ask, dataOf, mqtt, type Reply, SharedBench, webSocket } from "./cluster.ts";
import { SECRET, tokenOf } from "../../support/gateway.ts";

const bench = new SharedBench();
beforeAll(bench.start);
afterAll(bench.remove);

async function ready(gateway: Gateway): Promise<boolean> {
  return (await fetch(`${gateway.url}health/ready`)).ok;
}

const TEMPORARY = { error: { reason: "unavailable", temporary: true } };

describe.skipIf(NATS === undefined)("while NATS is away", () => {
  test("D50 clients stay; publishes and new topics are refused for a while; readiness says so; then all goes on with no gap", async () => {
    const [one, two] = await bench.pair();
    const [sender, receiver, thing] = [await webSocket(one), await webSocket(two), await mqtt(two)];
    await ask(receiver, { subscribe: { topic: "chat/a" } });
    await thing.subscribe("chat/#", { qos: 1 });
    await ask(sender, { publish: { topic: "chat/a", data: 1 } });
    await receiver.until(() => receiver.messages().length === 1);
    expect(await ready(one)).toBe(true);
    await bench.nats.server.kill();
    await until(async () => !(await ready(one)) && !(await ready(two)));
    expect(await ask(sender, { publish: { topic: "chat/a", data: 2 } })).toMatchObject(TEMPORARY);
    expect(await ask(receiver, { subscribe: { topic: "chat/new" } })).toMatchObject(TEMPORARY);
    thing.sendSubscribe("other/#");
    expect((await thing.pick("suback", 2)).codes).toEqual([0x83]);
    // What was in force before is still: nothing is missed.
    const late = await webSocket(two);
    expect(await ask(late, { subscribe: { topic: "chat/a" } })).toHaveProperty("subscribe");
    await bench.nats.server.start();
    await until(async () => (await ready(one)) && (await ready(two)));
    expect(await ask(receiver, { subscribe: { topic: "chat/new" } })).toHaveProperty("subscribe");
    for (const topic of ["chat/a", "chat/new"]) await ask(sender, { publish: { topic, data: topic } });
    await receiver.until(() => receiver.messages().length === 3);
    await late.until(() => late.messages().length === 1);
    expect(dataOf(receiver)).toEqual([1, "chat/a", "chat/new"]);
    expect([sender.closed, receiver.closed, thing.hasEnded]).toEqual([undefined, undefined, false]);
  });

  test("D50 an MQTT client that has more to read than it takes at once stays, and gets the rest", async () => {
    const [one, two] = await bench.pair();
    const [sender, thing] = [await webSocket(one), await mqtt(two, { properties: { receiveMaximum: 1 } })];
    await thing.subscribe("chat/#", { qos: 1 });
    for (const data of [1, 2, 3]) await ask(sender, { publish: { topic: "chat/a", data } });
    const first = await thing.take("publish");
    await bench.nats.server.kill();
    await until(async () => !(await ready(two)));
    thing.ack("puback", first.packetId ?? 0);
    await thing.nothing();
    await bench.nats.server.start();
    for (const data of [2, 3]) {
      const { payload, packetId } = await thing.take("publish");
      expect(Buffer.from(payload).toString()).toBe(`${data}`);
      thing.ack("puback", packetId ?? 0);
    }
  });

  test("D54 while NATS is slow, low priority is refused first; what was taken is answered", async () => {
    const gateway = await bench.gateway(bench.name(), { LOG_QUEUE_MESSAGES: "100" });
    const client = await webSocket(gateway);
    await bench.nats.server.pause();
    const publish = (priority: string, count: number): Promise<Reply>[] =>
      Array.from({ length: count }, (_, i) => ask(client, { publish: { topic: "chat/a", data: i, priority } }));
    const [low, normal, high] = [publish("low", 60), publish("normal", 40), publish("high", 30)];
    // Refusals come at once, the others when NATS goes on.
    const refused = await Promise.all([low.slice(50), normal.slice(30), high.slice(20)].flat());
    bench.nats.server.resume();
    for (const reply of refused) expect(reply).toMatchObject({ error: { reason: "overloaded", temporary: true } });
    const taken = await Promise.all([low.slice(0, 50), normal.slice(0, 30), high.slice(0, 20)].flat());
    for (const reply of taken) expect(reply).toHaveProperty("publish");
  });

  test("D51 who signs in is sent away for a while, because it would miss what comes to its personal topic", async () => {
    const [one] = await bench.pair({ AUTH_JWT_SECRET: SECRET });
    await bench.nats.server.kill();
    await until(async () => !(await ready(one)));
    const client = await JsonClient.open(`${one.url.replace("http", "ws")}ws`);
    expect(await ask(client, { connect: { token: await tokenOf("ann") } })).toMatchObject(TEMPORARY);
    expect((await client.end()).code).toBe(CLOSES.internal.code);
    expect(CLOSES.internal.action).toBe("reconnect");
    await bench.nats.server.start();
    await until(() => ready(one));
    expect((await webSocket(one, await tokenOf("ann"))).closed).toBeUndefined();
  });

  test("D52 a gateway does not start without NATS, and says so without the password; told to wait, it waits", async () => {
    const cluster = bench.name();
    const { url } = bench.nats.server;
    await bench.nats.server.kill();
    const open = url.replace("//", "//ann:secret@");
    const failure = await bench.refusal(cluster, { LOG: open });
    expect(failure).toContain(`no NATS at ${url}`);
    expect(failure).not.toContain("secret");
    const patient = bench.gateway(cluster, { LOG_START_WAIT: "30s" });
    await bench.nats.server.start();
    expect(await ready(await patient)).toBe(true);
  });
});

describe.skipIf(NATS === undefined)("when the stream is lost", () => {
  test("D53 gateways make it anew together; every client is told to come again, and that it missed messages", async () => {
    const cluster = bench.name();
    const [one, two] = [await bench.gateway(cluster), await bench.gateway(cluster)];
    const [sender, receiver] = [await webSocket(one), await webSocket(two)];
    const since = (await ask(receiver, { subscribe: { topic: "chat/a" } }))["subscribe"]!;
    for (const data of [1, 2, 3]) await ask(sender, { publish: { topic: "chat/a", data } });
    await bench.nats.deleteStream(`${cluster}-process`);
    expect([(await sender.end()).code, (await receiver.end()).code]).toEqual([
      CLOSES.internal.code,
      CLOSES.internal.code,
    ]);
    const [again, back] = [await webSocket(one), await webSocket(two)];
    const state = (await ask(back, { subscribe: { topic: "chat/a", since } }))["subscribe"]!;
    expect(state).toMatchObject({ recovered: false });
    expect(state["epoch"]).not.toBe(since["epoch"]);
    const stored = await ask(again, { publish: { topic: "chat/a", data: 4 } });
    expect(stored["publish"]).toMatchObject({ epoch: state["epoch"], duplicate: false });
    await back.until(() => back.messages().length === 1);
    expect(back.messages()[0]).toMatchObject({ data: 4 });
    expect(await ready(one)).toBe(true);
  });

  test("D53 a log in memory is another one after a restart of NATS", async () => {
    const cluster = bench.name();
    const [one, two] = [
      await bench.gateway(cluster, { NAMESPACE_DEFAULTS_DURABILITY: "memory" }),
      await bench.gateway(cluster, { NAMESPACE_DEFAULTS_DURABILITY: "memory" }),
    ];
    const [sender, receiver] = [await webSocket(one), await webSocket(two)];
    await ask(receiver, { subscribe: { topic: "chat/a" } });
    await ask(sender, { publish: { topic: "chat/a", data: 1 } });
    await receiver.until(() => receiver.messages().length === 1);
    await bench.nats.server.kill();
    await bench.nats.server.start();
    await Promise.all([sender.end(), receiver.end()]);
    const [again, back] = [await webSocket(one), await webSocket(two)];
    await ask(back, { subscribe: { topic: "chat/a" } });
    expect(await ask(again, { publish: { topic: "chat/a", data: 2 } })).toHaveProperty("publish");
    await back.until(() => back.messages().length === 1);
  });
});
