import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { MqttProperties } from "@tidegate/protocol/mqtt";
import type { SessionStore } from "../../src/durable/session-store.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import type { MqttContext } from "../../src/transport/mqtt/context.ts";
import { writeNote } from "../../src/transport/mqtt/note.ts";
import { mqtt, SharedBench } from "../gateway/shared-log/cluster.ts";
import { NATS } from "../log/nats/fixture.ts";
import { type ConnectWishes, MqttTestClient, tcp, textOf } from "./support/client.ts";
import { durable } from "./support/node.ts";
import { until } from "../support/until.ts";

const bench = new SharedBench();

function contextOf(gateway: Gateway): MqttContext {
  if (gateway.mqtt === undefined) throw new Error("it has no MQTT");
  return gateway.mqtt.context;
}

/** Connections with a client id in the whole cluster. */
function connected(gateways: readonly Gateway[], id: string): number {
  return gateways.filter((gateway) => contextOf(gateway).roster.get(`\n${id}`) !== undefined).length;
}

/** How often sessions whose time is over are asked for from now on. */
function looksOf(store: SessionStore): { readonly count: number } {
  const looks = { count: 0 };
  const expired = store.expired.bind(store);
  store.expired = (now, limit) => ((looks.count += 1), expired(now, limit));
  return looks;
}

/** What each has said has come to the other. */
async function heard(one: Gateway, other: Gateway): Promise<void> {
  for (const gateway of [one, other, one]) await gateway.cluster.bus?.probe();
}

describe.skipIf(NATS === undefined)("MQTT over several gateways", () => {
  let a: Gateway;
  let b: Gateway;

  beforeAll(async () => {
    if (NATS === undefined) return;
    await bench.start();
    [a, b] = await bench.pair({ CLUSTER_LEASE: "1s", CLUSTER_HEARTBEAT: "200ms" });
    await until(() => a.cluster.nodes.all.length === 2 && b.cluster.nodes.all.length === 2);
  });
  afterAll(() => bench.remove());

  test("M150 a client finds its session on another gateway, with what came meanwhile", async () => {
    const first = await mqtt(a, durable("mover", 5));
    await first.subscribe("moves/#", { qos: 1 });
    first.cut();
    await until(() => contextOf(a).roster.isFree("\nmover"));
    const writer = await mqtt(a);
    for (const text of ["1", "2", "3"]) await writer.deliver("moves/x", text, { qos: 1 });
    const second = await MqttTestClient.open(tcp(b.mqttPorts.plain ?? 0));
    expect((await second.connect(durable("mover", 5))).sessionPresent).toBe(true);
    expect(await second.texts(3)).toEqual(["1", "2", "3"]);
    await writer.deliver("moves/x", "4", { qos: 1 });
    expect(await second.texts(1)).toEqual(["4"]);
    await second.nothing();
  });

  test("M150 what is under way when it moves goes on at the other gateway: QoS 2 exactly once, QoS 1 at least once", async () => {
    const first = await mqtt(a, durable("under-way", 5));
    await first.subscribe("way/#", { qos: 2 });
    const writer = await mqtt(b);
    await writer.deliver("way/two", "sent", { qos: 2 });
    const sent = await first.take("publish");
    await writer.deliver("way/two", "received", { qos: 2 });
    const received = await first.take("publish");
    first.ack("pubrec", received.packetId!);
    await first.take("pubrel");
    await writer.deliver("way/one", "unacknowledged", { qos: 1 });
    await first.take("publish");
    // It comes back without having gone: the first connection is taken over, and stores what it has.
    const second = await mqtt(b, durable("under-way", 5));
    expect(await first.farewell()).toBe(0x8e);
    const again = await second.take("publish");
    expect(again).toMatchObject({ packetId: sent.packetId, dup: true, qos: 2 });
    expect(await second.take("pubrel")).toMatchObject({ packetId: received.packetId });
    expect(textOf(await second.take("publish"))).toBe("unacknowledged");
  });

  test("M150 a message of QoS 2 from a client that moves before PUBREC is stored once", async () => {
    const seer = await mqtt(a);
    await seer.subscribe("once/#");
    const first = await mqtt(a, durable("twice", 5));
    first.publish("once/x", "m", { qos: 2, packetId: 7 });
    await first.take("pubrec");
    const second = await mqtt(b, durable("twice", 5));
    second.publish("once/x", "m", { qos: 2, packetId: 7, dup: true });
    await second.pick("pubrec", 7);
    second.ack("pubrel", 7);
    await second.pick("pubcomp", 7);
    await second.deliver("once/x", "end", { qos: 1 });
    expect(await seer.texts(2)).toEqual(["m", "end"]);
  });

  test.each([
    ["sessions that end with their connections", (id: string): ConnectWishes => ({ clientId: id })],
    ["sessions that are kept", (id: string): ConnectWishes => durable(id, 5)],
    ["clean starts of sessions that are kept", (id: string): ConnectWishes => durable(id, 5, true)],
  ])("M151 a newer connection on another gateway ends the older one: %s", async (what, wishes) => {
    const id = `over ${what}`;
    let older = await mqtt(a, wishes(id));
    for (const gateway of [b, a, b]) {
      await heard(a, b);
      const newer = await mqtt(gateway, wishes(id));
      expect(await older.farewell()).toBe(0x8e);
      await newer.nothing();
      older = newer;
    }
    expect(connected([a, b], id)).toBe(1);
  });

  test("M151 it is the newer one that stays, also where connections follow one another at once", async () => {
    let older = await mqtt(a, { clientId: "quick" });
    for (let n = 0; n < 60; n++) {
      await heard(a, b);
      const newer = await mqtt(n % 2 === 0 ? b : a, { clientId: "quick" });
      expect(await older.farewell()).toBe(0x8e);
      older = newer;
    }
    await older.nothing();
  });

  test("M151 of connections that come at the same time on both gateways one is left", async () => {
    for (let round = 0; round < 10; round++)
      for (const wishes of [{ clientId: `race-${round}` }, durable(`durable-race-${round}`, 5)]) {
        const clients = await Promise.all(
          [a, b, a, b].map((gateway) => MqttTestClient.open(tcp(gateway.mqttPorts.plain!))),
        );
        for (const client of clients) client.sendConnect(wishes);
        await until(() => clients.filter(({ hasEnded }) => hasEnded).length === 3);
        const left = clients.find(({ hasEnded }) => !hasEnded);
        await left?.take("connack");
        await heard(a, b);
        await left?.nothing();
        expect(connected([a, b], wishes.clientId ?? "")).toBe(1);
        left?.cut();
      }
  });

  test("M152 a will with a delay is taken back by a connection on another gateway, and else published once", async () => {
    const seer = await mqtt(a);
    await seer.subscribe("wills/#");
    const properties: MqttProperties = { willDelayInterval: 1 };
    const wishes = (id: string): ConnectWishes => ({ ...durable(id, 5), will: { topic: `wills/${id}`, properties } });
    const [back, away] = [await mqtt(a, wishes("back")), await mqtt(a, wishes("away"))];
    back.cut();
    away.cut();
    const again = await mqtt(b, wishes("back"));
    expect((await seer.take("publish")).topic).toBe("wills/away");
    again.disconnect();
    await until(() => contextOf(a).wills.size === 0);
    await until(() => contextOf(b).roster.isFree("\nback"));
    const writer = await mqtt(b);
    await writer.deliver("wills/end", "end", { qos: 1 });
    expect((await seer.take("publish")).topic).toBe("wills/end");
    // The store has forgotten it, and who looked after it.
    const { store } = contextOf(a);
    expect(await store.load("\naway")).toMatchObject({ owner: undefined, note: writeNote({ expiry: 3600 }) });
  });

  test("M163 a clean start on another gateway publishes the will that waits, once", async () => {
    const seer = await mqtt(b);
    await seer.subscribe("ended/#");
    const will = { topic: "ended/it", properties: { willDelayInterval: 3600 } };
    (await mqtt(a, { ...durable("ended", 5), will })).cut();
    await until(() => contextOf(a).wills.size === 1);
    await mqtt(b, { clientId: "ended", cleanStart: true });
    expect((await seer.take("publish")).topic).toBe("ended/it");
    expect(contextOf(a).wills.size).toBe(0);
    await seer.nothing();
  });

  test("M152 a taken-over client's will without a delay is published, also from another gateway", async () => {
    const seer = await mqtt(a);
    await seer.subscribe("left/#");
    await mqtt(a, { ...durable("left", 5), will: { topic: "left/it" } });
    await mqtt(b, durable("left", 5));
    expect((await seer.take("publish")).topic).toBe("left/it");
  });

  test("M153 of a gateway that is gone another one publishes the wills, once, and keeps the sessions as long as they asked", async () => {
    const seer = await mqtt(b);
    await seer.subscribe("lost/#");
    const { store } = contextOf(a);
    const gone = await mqtt(a, {
      ...durable("lost", 5),
      will: { topic: "lost/it", properties: { correlationData: Buffer.of(0, 255) } },
    });
    const stored = await store.load("\nlost");
    gone.disconnect();
    await until(() => contextOf(a).roster.isFree("\nlost"));
    // As a kill would have left it.
    await store.write("\nlost", [
      { kind: "owner", owner: "nobody" },
      { kind: "note", text: stored!.note },
    ]);
    const packet = await seer.take("publish");
    expect(packet).toMatchObject({ topic: "lost/it" });
    expect(packet.properties?.correlationData).toEqual(new Uint8Array([0, 255]));
    let left = await store.load("\nlost");
    await until(async () => (left = await store.load("\nlost"))?.owner === undefined);
    expect(left?.note).toBe(writeNote({ expiry: 3600 }));
    expect(left?.expires).toBeLessThanOrEqual(Date.now() + 3_600_000);
    await seer.nothing();
  }, 20_000);

  test("M153 sessions whose time is over are forgotten by one gateway", async () => {
    const client = await mqtt(b, durable("over", 5));
    client.disconnect();
    await until(() => contextOf(b).roster.isFree("\nover"));
    const looks = [a, b].map((gateway) => looksOf(contextOf(gateway).store));
    const { store } = contextOf(b);
    await store.write("\nover", [{ kind: "expires", at: Date.now() - 1 }]);
    await until(async () => (await store.load("\nover")) === undefined);
    // The one that has run longest looks again and again, in time for the other to have done so too.
    await until(() => looks[0]!.count >= 3);
    expect(looks[1]!.count).toBe(0);
  });
});
