import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import type { NodeView } from "../../src/cluster/nodes.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { SharedBench } from "../gateway/shared-log/cluster.ts";
import { NATS } from "../log/nats/fixture.ts";
import { MqttTestClient, tcp, textOf } from "../mqtt/support/client.ts";
import { durable, VERSIONS } from "../mqtt/support/node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const bench = new SharedBench();
beforeAll(bench.start);
afterAll(bench.remove);

function start(cluster: string, name: string, env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  return bench.gateway(cluster, { CLUSTER_NODE_NAME: name, MQTT_ENABLED: "false", ...env });
}

interface Listed {
  readonly bus: string;
  readonly nodes: readonly NodeView[];
}

async function listed(gateway: Gateway): Promise<Listed> {
  return (await (await fetch(`${gateway.url}v1/nodes`)).json()) as Listed;
}

function namesOf({ nodes }: Listed): string {
  return nodes.map(({ name, draining }) => (draining ? `${name} draining` : name)).join();
}

describe.skipIf(NATS === undefined)("gateways on one NATS", () => {
  test("H85 R46 they see one another, one that drains, and its end", async () => {
    const cluster = bench.name();
    const one = await start(cluster, "one");
    const two = await start(cluster, "two", { DRAIN_DEADLINE: "20s", DRAIN_DELAY: "100ms", DRAIN_SPREAD: "5s" });
    await until(async () => namesOf(await listed(one)) === "one,two");
    await until(async () => namesOf(await listed(two)) === "two,one");
    expect((await listed(one)).bus).toBe("up");
    const other = (await listed(one)).nodes[1];
    expect([other?.id, other?.url]).toEqual([two.services.nodeId, two.url]);
    const client = await JsonClient.connect(`${two.url.replace("http", "ws")}ws`);
    const stopped = two.stop();
    await until(async () => namesOf(await listed(one)) === "one,two draining");
    expect((await listed(one)).nodes[1]?.load.connections).toBe(1);
    client.close();
    await stopped;
    await until(async () => namesOf(await listed(one)) === "one");
  });

  test("A50 A51 what one was told to refuse, all refuse, those that come later too", async () => {
    const keys = `[{name: admin, key: tg_admin-key-for-tests, admin: true}, {name: robot, key: tg_robot-key-for-tests, subscribe: ["#"]}]`;
    const env = { AUTH_KEYS: keys, AUTH_JWT_SECRET: SECRET };
    const cluster = bench.name();
    const [one, two] = [await start(cluster, "one", env), await start(cluster, "two", env)];
    const token = await tokenOf("mallory");
    const client = await JsonClient.connect(`${two.url.replace("http", "ws")}ws`, token);
    const headers = { "X-API-Key": "tg_admin-key-for-tests", "Content-Type": "application/json" };
    const revoked = await fetch(`${one.url}v1/revoke`, { method: "POST", headers, body: '{"user":"mallory"}' });
    expect(revoked.status).toBe(200);
    expect((await client.end()).code).toBe(CLOSES.revoked.code);
    const three = await start(cluster, "three", env);
    for (const { url } of [one, two, three]) {
      const answer = await fetch(`${url}v1/history?topic=a`, { headers: { Authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    }
  });

  test("H85 ND6 while NATS is away the bus is down, and the others stay", async () => {
    const [one, two] = await bench.pair();
    for (const gateway of [one, two]) await until(async () => (await listed(gateway)).nodes.length === 2);
    await bench.nats.server.kill();
    await until(async () => (await listed(one)).bus === "down");
    expect((await listed(one)).nodes.length).toBe(2);
    await bench.nats.server.start();
    await until(async () => (await listed(one)).bus === "up" && (await listed(two)).bus === "up");
    expect((await listed(two)).nodes.length).toBe(2);
  });

  test("M117 M150 MQTT clients of a gateway that drains go on at another, and no message passes them by", async () => {
    const [one, two] = await bench.pair({ DRAIN_DEADLINE: "20s", DRAIN_DELAY: "100ms", DRAIN_SPREAD: "1s" });
    await until(() => one.cluster.nodes.all.length === 2);
    const sent: string[] = [];
    const movers = await Promise.all(Array.from({ length: 12 }, (_, i) => Mover.start(i, one, two)));
    const writer = await MqttTestClient.open(tcp(two.mqttPorts.plain ?? 0));
    await writer.connect();
    const say = async (): Promise<void> => {
      sent.push(`${sent.length}`);
      await writer.deliver("moving/x", sent.at(-1) ?? "", { qos: 1 });
    };
    await say();
    let isOver = false;
    const stopped = one.stop().then(() => (isOver = true));
    while (!isOver) await say();
    await stopped;
    await say();
    for (const mover of movers) {
      await until(() => mover.texts.size === sent.length);
      expect([...mover.texts]).toEqual(sent);
      expect(mover.wasPresent).toBe(true);
    }
  }, 20_000);
});

/** A durable client that takes messages at QoS 1 and, when it is sent away, comes back at another gateway. */
class Mover {
  /** Each once, in the order in which they came first. */
  readonly texts = new Set<string>();
  /** Whether the other gateway had its session. */
  wasPresent = false;

  static async start(index: number, from: Gateway, to: Gateway): Promise<Mover> {
    const mover = new Mover();
    const version = VERSIONS[index % 2] ?? 5;
    const open = (gateway: Gateway): Promise<MqttTestClient> =>
      MqttTestClient.open(tcp(gateway.mqttPorts.plain ?? 0), version);
    const wishes = durable(`mover-${index}`, version);
    const client = await open(from);
    await client.connect(wishes);
    await client.subscribe("moving/#", { qos: 1 });
    void mover.#read(client).then(async () => {
      const next = await open(to);
      mover.wasPresent = (await next.connect(wishes)).sessionPresent;
      await mover.#read(next);
    });
    return mover;
  }

  /** Until the connection ends. */
  async #read(client: MqttTestClient): Promise<void> {
    for (;;) {
      for (const packet of client.waiting.slice()) {
        if (packet.type === "disconnect") continue;
        const message = await client.take("publish");
        this.texts.add(textOf(message));
        if (message.packetId !== undefined && !client.hasEnded) client.ack("puback", message.packetId);
      }
      if (client.hasEnded) return;
      await client.change();
    }
  }
}
