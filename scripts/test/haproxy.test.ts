import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Client } from "@tidegate/client";
import { signToken } from "../../packages/server/src/auth/sign-token.ts";
import { until } from "../../packages/server/test/support/until.ts";
import { GatewayProcess } from "../cluster/gateway-process.ts";
import { findNatsServer, NatsServer } from "../servers/nats.ts";
import { findHaproxy, Haproxy } from "./haproxy.ts";
import { TempDir } from "../../packages/server/test/support/temp-dir.ts";
import { mqttConnect } from "./mqtt-connect.ts";
import { sees } from "./sees.ts";

const [NATS, HAPROXY] = [findNatsServer(), findHaproxy()];
const CONFIG = join(import.meta.dir, "../../deploy/haproxy.cfg");
const COMPOSE = join(import.meta.dir, "../../deploy/compose.yaml");
const SECRET = "only-for-this-test-only-for-this-test";
/** Return code of CONNACK: server unavailable. [MQTT 3.1.1, 3.2.2.3] */
const MQTT_UNAVAILABLE = 3;
const directory = new TempDir("tidegate-haproxy");
const ends: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  directory.remove();
});

if (HAPROXY === undefined)
  console.warn("skipped: HAProxy in front of gateways. Install haproxy, or set HAPROXY to its path.");

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
}

async function startNats(): Promise<NatsServer> {
  const nats = await NatsServer.start(NATS ?? "");
  ends.push(() => nats.remove());
  return nats;
}

/** The gateways of compose.yaml with its settings, as processes. */
async function startGateways(nats: NatsServer): Promise<readonly GatewayProcess[]> {
  const secret = join(directory.path, "jwt.secret");
  await Bun.write(secret, `${SECRET}\n`);
  const { services } = Bun.YAML.parse(await Bun.file(COMPOSE).text()) as Compose;
  const gateways = ["gateway-1", "gateway-2", "gateway-3"].map((name) => {
    const given = Object.entries(services[name]?.environment ?? {});
    const own = {
      LOG: nats.url,
      LOG_MONITORS: nats.monitor,
      AUTH_JWT_SECRET_FILE: secret,
      AUTH_KEYS: "[]",
      DATA_DIR: join(directory.path, `${name}-${nats.pid}`),
    };
    const ports = { HTTP_HOST: "127.0.0.1", HTTP_PORT: "0", MQTT_PORT: "0", DRAIN_SPREAD: "1s" };
    const variables = {
      ...Object.fromEntries(given.map(([key, value]) => [key.replace("TIDEGATE_", ""), value])),
      ...own,
      ...ports,
    };
    return new GatewayProcess({ name, variables, line: () => {}, ended: () => {} });
  });
  for (const gateway of gateways) ends.push(() => gateway.kill());
  await Promise.all(gateways.map((gateway) => gateway.start()));
  return gateways;
}

async function startProxy(gateways: readonly GatewayProcess[]): Promise<Haproxy> {
  const proxy = await Haproxy.start(HAPROXY ?? "", await Bun.file(CONFIG).text(), gateways, directory.path);
  ends.push(() => proxy.stop());
  return proxy;
}

test.skipIf(HAPROXY === undefined)("CL22 haproxy.cfg is one that HAProxy takes as it is", () => {
  const { exitCode, stderr } = Bun.spawnSync([HAPROXY ?? "", "-c", "-f", CONFIG]);
  expect([exitCode, stderr.toString().includes("[ALERT]")]).toEqual([0, false]);
});

test.skipIf(HAPROXY === undefined || NATS === undefined)(
  "CL22 HAProxy in front of three gateways: the page, HTTP, SSE, WebSocket and MQTT pass, and a gateway that drains or dies is left out",
  async () => {
    const gateways = await startGateways(await startNats());
    const proxy = await startProxy(gateways);
    const url = `http://127.0.0.1:${proxy.http}`;
    const token = await signToken({ secret: SECRET, sub: "ann" }, Date);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await fetch(url, { keepalive: false })).headers.get("content-type")).toContain("text/html");
    const clients = gateways.map(() => new Client(`ws://127.0.0.1:${proxy.http}/ws`, { token }).connect());
    ends.push(() => Promise.all(clients.map((client) => client.close())));
    const got = clients.map(() => [] as unknown[]);
    await Promise.all(
      clients.map((client, i) => client.subscribe("chat/a", {}, ({ data }) => got[i]?.push(data)).ready),
    );
    const events = await fetch(`${url}/v1/subscribe?topic=chat/a`, { headers: bearer });
    expect(await mqttConnect(proxy.mqtt, token)).toBe(0);
    let published = 0;
    const publish = async (): Promise<number> => {
      const body = JSON.stringify({ topic: "chat/a", data: ++published });
      const headers = { ...bearer, "content-type": "application/json" };
      return (await fetch(`${url}/v1/publish`, { method: "POST", headers, body, keepalive: false })).status;
    };
    expect(await publish()).toBe(200);
    expect(await sees(events, '"data":1')).toBe(true);
    const [first, second] = gateways;
    const drained = first?.stop();
    for (let n = 0; n < 20; n++) expect(await publish()).toBe(200);
    expect(await drained).toBe(0);
    for (let n = 0; n < 20; n++) expect(await publish()).toBe(200);
    await second?.kill();
    for (let n = 0; n < 20; n++) expect(await publish()).toBe(200);
    const all = Array.from({ length: published }, (_, n) => n + 1);
    await until(() => got.every((numbers) => numbers.length >= all.length));
    expect(got).toEqual(clients.map(() => all));
  },
  60_000,
);

test.skipIf(HAPROXY === undefined || NATS === undefined)(
  "CL23 while NATS stands still HAProxy goes on to gateways that live, but not to one that drains, and clients are there soon after it",
  async () => {
    const nats = await startNats();
    const gateways = await startGateways(nats);
    const proxy = await startProxy(gateways);
    const url = `http://127.0.0.1:${proxy.http}`;
    const token = await signToken({ secret: SECRET, sub: "ann" }, Date);
    await nats.pause();
    await until(() => ["gateways", "mqtt"].every((name) => proxy.hasSaid(`backend ${name} has no server available`)));
    const report = await fetch(`${url}/health/ready`, { keepalive: false });
    expect([report.status, await report.json()]).toMatchObject([503, { ready: false }]);
    expect((await fetch(url, { keepalive: false })).status).toBe(200);
    expect(await mqttConnect(proxy.mqtt, token)).toBe(MQTT_UNAVAILABLE);
    const client = new Client(`ws://127.0.0.1:${proxy.http}/ws`, { token });
    const reasons = new Set<string>();
    client.on("state", (state) => state.kind === "waiting" && reasons.add(state.reason));
    ends.push(() => client.close());
    const { ready } = client.connect().subscribe("chat/a", {}, () => {});
    await until(() => reasons.size > 0);
    const drained = gateways[0]?.stop();
    await until(() => proxy.hasSaid("Server living/gateway-1 is DOWN"));
    for (let n = 0; n < 6; n++)
      expect(await (await fetch(`${url}/health/ready`, { keepalive: false })).text()).not.toContain("draining");
    nats.resume();
    await ready;
    await until(async () => (await mqttConnect(proxy.mqtt, token)) === 0);
    // A reason that is longer waited for would be that HAProxy refused the connection.
    expect([...reasons]).toEqual(["unavailable"]);
    expect(await drained).toBe(0);
  },
  60_000,
);
