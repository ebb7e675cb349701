import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Client } from "@tidegate/client";
import { signToken } from "../../packages/server/src/auth/sign-token.ts";
import { until } from "../../packages/server/test/support/until.ts";
import { GatewayProcess } from "../cluster/gateway-process.ts";
import { findNatsServer, NatsServer } from "../servers/nats.ts";
import { findHaproxy, Haproxy } from "./haproxy.ts";
import { TempDir } from "../../packages/server/test/support/temp-dir.ts";
import { sees } from "./sees.ts";

const [NATS, HAPROXY] = [findNatsServer(), findHaproxy()];
const CONFIG = join(import.meta.dir, "../../deploy/haproxy.cfg");
const COMPOSE = join(import.meta.dir, "../../deploy/compose.yaml");
const SECRET = "only-for-this-test-only-for-this-test";
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

/** The gateways of compose.yaml with its settings, as processes. */
async function startGateways(): Promise<readonly GatewayProcess[]> {
  const nats = await NatsServer.start(NATS ?? "");
  ends.push(() => nats.remove());
  const { services } = Bun.YAML.parse(await Bun.file(COMPOSE).text()) as Compose;
  const gateways = ["gateway-1", "gateway-2", "gateway-3"].map((name) => {
    const given = Object.entries(services[name]?.environment ?? {});
    const own = {
      LOG: nats.url,
      LOG_MONITORS: nats.monitor,
      AUTH_JWT_SECRET: SECRET,
      AUTH_KEYS: "[]",
      DATA_DIR: join(directory.path, name),
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

test.skipIf(HAPROXY === undefined)("CL22 haproxy.cfg is one that HAProxy takes as it is", () => {
  const { exitCode, stderr } = Bun.spawnSync([HAPROXY ?? "", "-c", "-f", CONFIG]);
  expect([exitCode, stderr.toString().includes("[ALERT]")]).toEqual([0, false]);
});

test.skipIf(HAPROXY === undefined || NATS === undefined)(
  "CL22 HAProxy in front of three gateways: the page, HTTP, SSE, WebSocket and MQTT pass, and a gateway that drains or dies is left out",
  async () => {
    const gateways = await startGateways();
    const proxy = await Haproxy.start(HAPROXY ?? "", await Bun.file(CONFIG).text(), gateways, directory.path);
    ends.push(() => proxy.stop());
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

/** The return code of CONNACK to an MQTT 3.1.1 client that shows a token as its password. */
function mqttConnect(port: number, token: string): Promise<number> {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);
  // Protocol, level 4, flags (user, password, clean session), keep alive 60 s. [MQTT 3.1.1, 3.1.2]
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 0xc2, 0, 60]), text("device-1"), text("ann"), text(token)]);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return new Promise((resolve, reject) => {
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(Buffer.concat([Buffer.from([0x10, ...length]), body])),
        data: (socket, chunk) => {
          resolve(chunk[0] === 0x20 ? (chunk[3] ?? -1) : -1);
          socket.end();
        },
        close: () => reject(new Error("it was closed without an answer")),
      },
    });
  });
}
