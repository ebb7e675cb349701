import { createConnection } from "node:net";
import { beforeAll, describe, expect, test } from "bun:test";
import { encodePacket } from "@tidegate/protocol/mqtt";
import { MqttTestClient, tcp, webSocket } from "./support/client.ts";
import { durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

describe("limits", () => {
  /** Publishes so many messages at once. */
  function burst(client: MqttTestClient, count: number, qos: 1 | 2): void {
    const publish = { type: "publish", topic: "a", payload: Buffer.from("x"), retain: false, dup: false } as const;
    const packet = (packetId: number) => ({ ...publish, qos, packetId, properties: undefined });
    client.bytes(Buffer.concat(Array.from({ length: count }, (_, i) => encodePacket(packet(i + 1), client.version))));
  }

  for (const version of VERSIONS)
    test(`M118 version ${version}: a client that is faster than it may be is read slower, and nothing is refused`, async () => {
      const strict = await startMqtt({ env: { CONNECTIONS_PUBLISH_RATE: "20", CONNECTIONS_PUBLISH_BURST: "2" } });
      const { port } = strict;
      const wires = [tcp(strict.mqtt), webSocket(`ws://127.0.0.1:${port}/mqtt`)];
      for (const [i, wire] of wires.entries()) {
        const client = await MqttTestClient.open(wire, version);
        await client.connect({ clientId: `fast-${i}` });
        const begin = performance.now();
        burst(client, 6, 1);
        for (let n = 0; n < 6; n++) expect((await client.take("puback")).code).toBe(0);
        const { link } = [...strict.context.roster].find(({ clientId }) => clientId === `fast-${i}`)!;
        expect(link.isPaused).toBe(true);
        // Four were on credit: with a fifth it is 250 ms until there is a token again.
        await client.deliver("a", "later", { qos: 1 });
        expect(performance.now() - begin).toBeGreaterThan(200);
      }
    });

  test("M118 silence of a client that is not read does not count", async () => {
    const env = { CONNECTIONS_PUBLISH_RATE: "1", CONNECTIONS_PUBLISH_BURST: "1", MQTT_MAX_KEEP_ALIVE: "1s" };
    const strict = await startMqtt({ env });
    const client = await strict.join();
    burst(client, 4, 1);
    for (let n = 0; n < 4; n++) await client.take("puback");
    const begin = performance.now();
    await client.nothing();
    expect(performance.now() - begin).toBeGreaterThan(2500);
  });

  test("M110 too many messages at once: 0x97 for who can be told, the end for others", async () => {
    const strict = await startMqtt({ env: { CONNECTIONS_PUBLISH_RATE: "1", CONNECTIONS_PUBLISH_BURST: "2" } });
    const client = await strict.join();
    burst(client, 20, 1);
    const codes: number[] = [];
    for (let i = 0; i < 20; i++) codes.push((await client.take("puback")).code);
    expect(new Set(codes)).toEqual(new Set([0, 0x97]));
    // Two at once, and what ten seconds bring.
    expect(codes.filter((code) => code === 0).length).toBeWithin(12, 14);
    const old = await strict.join({}, 4);
    burst(old, 20, 2);
    while (!old.hasEnded) await old.change();
  });

  test("M110 a payload or properties above the bounds are refused, and the connection goes on", async () => {
    const strict = await startMqtt({ env: { NAMESPACE_DEFAULTS_MAX_PAYLOAD: "1KB" } });
    const client = await strict.join();
    client.publish("a", Buffer.alloc(1025), { qos: 1 });
    expect((await client.take("puback")).code).toBe(0x83);
    const userProperties = Array.from({ length: 20 }, (_, i) => [`name ${i}`, "x".repeat(4000)] as const);
    client.publish("a", "x", { qos: 1, properties: { userProperties } });
    expect((await client.take("puback")).code).toBe(0x97);
    const other = await strict.open();
    const will = { topic: "a", properties: { userProperties } };
    expect((await other.connect({ will })).code).toBe(0x97);
  });

  test("M110 a namespace without retained values refuses them", async () => {
    const strict = await startMqtt({ env: { NAMESPACE_DEFAULTS_RETAINED: "false" } });
    const client = await strict.join();
    client.publish("a", "x", { qos: 1, retain: true });
    expect((await client.take("puback")).code).toBe(0x83);
  });

  test("M111 above the limit of connections nobody new is let in", async () => {
    const full = await startMqtt({ env: { CONNECTIONS_MAX: "1" } });
    const first = await full.join();
    const second = await full.open();
    await second.end();
    first.disconnect();
    await first.end();
    await until(() => full.gateway.admission.open === 0);
    await full.join();
  });

  test("M112 a 5.0 client is told the server's keep alive, and counted by it", async () => {
    const brisk = await startMqtt({ env: { MQTT_MAX_KEEP_ALIVE: "1s" } });
    for (const keepAlive of [0, 100]) {
      const client = await brisk.open();
      expect((await client.connect({ keepAlive })).properties?.serverKeepAlive).toBe(1);
      expect(await client.farewell()).toBe(0x8d);
    }
    const busy = await brisk.join();
    const start = Date.now();
    while (Date.now() - start < 2600) await busy.nothing();
  });
});

describe("slow readers", () => {
  /** Publishes more than the kernel's buffers hold. */
  async function flood(server: MqttNode, topic: string, megabytes: number): Promise<void> {
    const writer = await server.join({}, 4);
    const payload = Buffer.alloc(50_000, "x");
    for (let i = 0; i < megabytes * 20; i++) await writer.deliver(topic, payload, { qos: 1 });
    writer.disconnect();
  }

  const buffered = (server: MqttNode, clientId: string): number =>
    [...server.context.roster].find((client) => client.clientId === clientId)?.link.getBufferedAmount() ?? 0;

  test("M113 at QoS 1 no more is written than the client reads, and it gets all", async () => {
    const tight = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "256KB", MQTT_MAX_INFLIGHT: "1000" } });
    const reader = await tight.join({ clientId: "slow" });
    await reader.subscribe("slow", { qos: 1 });
    reader.wire.pause();
    await flood(tight, "slow", 20);
    expect(buffered(tight, "slow")).toBeLessThan(256 * 1024);
    reader.wire.resume();
    for (let i = 0; i < 400; i++) await reader.receive();
    await reader.nothing();
  });

  test("M113 a session with more under way than may be buffered comes back, at the client's pace", async () => {
    const tight = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "64KB", MQTT_MAX_INFLIGHT: "1000" } });
    const wishes = durable("heavy", 5);
    const first = await tight.join(wishes);
    await first.subscribe("heavy", { qos: 1 });
    const writer = await tight.join({}, 4);
    for (let i = 0; i < 200; i++) await writer.deliver("heavy", Buffer.alloc(20_000, "x"), { qos: 1 });
    for (let i = 0; i < 200; i++) await first.take("publish");
    const before = tight.context.roster.size;
    first.cut();
    await until(() => tight.context.roster.size < before);
    const again = await tight.join(wishes);
    for (let i = 0; i < 200; i++) expect((await again.receive()).dup).toBe(true);
    await again.nothing();
  });

  test("M114 at QoS 0 what a client cannot take is lost, and who takes nothing is ended", async () => {
    const tight = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "64KB" } });
    const reader = await tight.join({ clientId: "zero" });
    await reader.subscribe("zero");
    reader.wire.pause();
    await flood(tight, "zero", 20);
    expect(buffered(tight, "zero")).toBeLessThan(8 * 64 * 1024);
    await until(() => tight.context.roster.size === 0 || buffered(tight, "zero") <= 64 * 1024);
  });
});

describe("leaving", () => {
  test("M115 a node that is about to stop says so: 0x8B, or where to go", async () => {
    const codes = [];
    for (const reference of [undefined, "other:1883"]) {
      const env = { DRAIN_DEADLINE: "1s", ...(reference === undefined ? {} : { MQTT_SERVER_REFERENCE: reference }) };
      const server = await startMqtt({ env });
      const [client, old] = [await server.join(), await server.join({}, 4)];
      const stopped = server.gateway.stop();
      const { code, properties } = await client.take("disconnect");
      codes.push([code, properties?.serverReference]);
      await old.end();
      await stopped;
    }
    expect(codes).toEqual([
      [0x8b, undefined],
      [0x9c, "other:1883"],
    ]);
  });

  test("M117 R48 while the node drains they are sent away one by one, over the spread; 3.1.1 is closed", async () => {
    const env = { DRAIN_DEADLINE: "4m", DRAIN_SPREAD: "60s", MQTT_SERVER_REFERENCE: "other:1883" };
    const server = await startMqtt({ env });
    const clients: MqttTestClient[] = [];
    for (let i = 0; i < 40; i++) clients.push(await server.join({ clientId: `drained-${i}` }, VERSIONS[i % 2]!));
    const stopped = server.gateway.stop();
    // One goes every one and a half seconds: who came first, first.
    const [first, second, ...others] = clients;
    await first!.end();
    const { code, properties } = await second!.take("disconnect");
    expect([code, properties?.serverReference]).toEqual([0x9c, "other:1883"]);
    const last = others.at(-1)!;
    await last.deliver("drained", "still taken", { qos: 1 });
    expect(others.slice(2).some(({ hasEnded }) => hasEnded)).toBe(false);
    const refused = await new Promise((resolve) => createConnection(server.mqtt, "127.0.0.1").on("error", resolve));
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    for (const client of others) client.disconnect();
    await stopped;
  }, 20_000);

  test("M111 a CONNECT that comes while the node drains is refused with 0x89, or 3", async () => {
    const server = await startMqtt({ env: { DRAIN_DEADLINE: "4m", DRAIN_SPREAD: "60s" } });
    const staying = await server.join();
    const [late, old] = [await server.open(), await server.open(4)];
    const stopped = server.gateway.stop();
    expect((await late.connect()).code).toBe(0x89);
    expect((await old.connect()).code).toBe(3);
    for (const client of [late, old]) await client.end();
    staying.disconnect();
    await stopped;
  }, 20_000);

  test("M116 of a thousand clients that come and go nothing is left", async () => {
    const { services } = node.gateway;
    const { roster, shared, wills, store } = node.context;
    const rest = (): readonly number[] => [
      roster.size,
      shared.size,
      services.hub.groups,
      services.sessions.size,
      wills.size,
    ];
    await until(() => rest().every((each) => each === 0));
    const stored = await store.count();
    const one = async (i: number): Promise<void> => {
      const client: MqttTestClient = await node.join(
        { clientId: `come-${i}`, will: { topic: "bye" } },
        VERSIONS[i % 2]!,
      );
      await client.subscribe([`come/${i}`, "come/#", "+/x", "$share/g/come/+"], { qos: (i % 3) as 0 | 1 | 2 });
      client.publish(`come/${i}`, "x", { qos: 1 });
      if (i % 4 === 0) await client.unsubscribe("come/#");
      if (i % 5 === 0) client.cut();
      else client.disconnect();
      while (!client.hasEnded) await client.change();
    };
    for (let from = 0; from < 1000; from += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => one(from + i)));
    await until(() => rest().every((each) => each === 0));
    await roster.settled();
    expect([await store.count(), node.gateway.admission.open]).toEqual([stored, 0]);
  }, 30_000);
});
