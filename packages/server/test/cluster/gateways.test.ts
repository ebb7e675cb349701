import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { pino } from "pino";
import { CLOSES } from "@tidegate/protocol";
import { Revocations, signToken } from "../../src/auth/index.ts";
import { systemClock } from "../../src/clock.ts";
import type { NodeView } from "../../src/cluster/nodes.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import { loadOptions } from "../../src/options/index.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { NATS, NatsBench } from "../log/nats/fixture.ts";
import { until } from "../support/until.ts";

const SECRET = "a secret of at least 32 bytes, for tests";
const bench = new NatsBench();
const running = new Set<Gateway>();
beforeAll(bench.start);
afterAll(async () => {
  await Promise.all([...running].map((gateway) => gateway.stop()));
  await bench.remove();
});

async function startGateway(name: string, env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const named = { LOG_STORAGE: "memory", HTTP_PORT: "0", MQTT_ENABLED: "false", CLUSTER_NODE_NAME: name, ...env };
  const variables = Object.fromEntries(Object.entries(named).map(([key, value]) => [`TIDEGATE_${key}`, value]));
  const gateway = await Gateway.start({
    options: loadOptions({ env: variables, flags: {} }),
    clock: systemClock,
    logger: pino({ level: "silent" }),
    randomId: () => crypto.randomUUID(),
    fetch: () => Promise.reject(new Error("no network in tests")),
    revocations: new Revocations({ clock: systemClock }),
    random: Math.random,
    pages: {},
    version: "0.0.0",
    collectGarbage: () => {},
    nats: { servers: [bench.server.url] },
  });
  running.add(gateway);
  return gateway;
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
    const one = await startGateway("one", { CLUSTER_NAME: "draining" });
    const two = await startGateway("two", { CLUSTER_NAME: "draining", DRAIN_DEADLINE: "20s", DRAIN_SPREAD: "5s" });
    await until(async () => namesOf(await listed(one)) === "one,two");
    await until(async () => namesOf(await listed(two)) === "two,one");
    expect((await listed(one)).bus).toBe("up");
    const other = (await listed(one)).nodes[1];
    expect([other?.id, other?.url]).toEqual([two.services.nodeId, two.url]);
    const client = await JsonClient.connect(`${two.url.replace("http", "ws")}ws`);
    const stopped = two.stop();
    running.delete(two);
    await until(async () => namesOf(await listed(one)) === "one,two draining");
    expect((await listed(one)).nodes[1]?.load.connections).toBe(1);
    client.close();
    await stopped;
    await until(async () => namesOf(await listed(one)) === "one");
  });

  test("A50 A51 what one was told to refuse, all refuse, those that come later too", async () => {
    const keys = `[{name: admin, key: tg_admin-key-for-tests, admin: true}, {name: robot, key: tg_robot-key-for-tests, subscribe: ["#"]}]`;
    const env = { CLUSTER_NAME: "revoking", AUTH_KEYS: keys, AUTH_JWT_SECRET: SECRET };
    const [one, two] = [await startGateway("one", env), await startGateway("two", env)];
    const token = await signToken({ secret: SECRET, sub: "mallory" }, systemClock);
    const client = await JsonClient.connect(`${two.url.replace("http", "ws")}ws`, token);
    const headers = { "X-API-Key": "tg_admin-key-for-tests", "Content-Type": "application/json" };
    const revoked = await fetch(`${one.url}v1/revoke`, { method: "POST", headers, body: '{"user":"mallory"}' });
    expect(revoked.status).toBe(200);
    expect((await client.end()).code).toBe(CLOSES.revoked.code);
    const three = await startGateway("three", env);
    for (const { url } of [one, two, three]) {
      const answer = await fetch(`${url}v1/history?topic=a`, { headers: { Authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    }
  });

  test("H85 ND6 while NATS is away the bus is down, and the others stay", async () => {
    const [one, two] = await Promise.all(["one", "two"].map((name) => startGateway(name, { CLUSTER_NAME: "away" })));
    if (one === undefined || two === undefined) throw new Error("there are two");
    await until(async () => (await listed(one)).nodes.length === 2);
    await bench.server.kill();
    await until(async () => (await listed(one)).bus === "down");
    expect((await listed(one)).nodes.length).toBe(2);
    await bench.server.start();
    await until(async () => (await listed(one)).bus === "up" && (await listed(two)).bus === "up");
    expect((await listed(two)).nodes.length).toBe(2);
  });
});
