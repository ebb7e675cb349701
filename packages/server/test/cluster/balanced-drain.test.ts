import { afterAll, expect, test } from "bun:test";
import { Balancer } from "../../../../scripts/cluster/balancer.ts";
import type { Backend } from "../../../../scripts/cluster/backend.ts";
import { Pool } from "../../../../scripts/cluster/pool.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { startNode, type TestNode } from "../gateway/node.ts";
import { until } from "../support/until.ts";

const stops: (() => void)[] = [];
afterAll(() => stops.forEach((stop) => stop()));

function balance(nodes: readonly TestNode[]): { readonly pool: Pool; readonly port: number } {
  const backends = nodes.map(({ port }, i): Backend => ({ name: `gateway-${i}`, host: "127.0.0.1", http: port }));
  const changed = (): void => {};
  const pool = new Pool(backends, { interval: 100, patience: 1000, misses: 3, changed });
  const balancer = new Balancer({ host: "127.0.0.1", port: 0, pool, portOf: ({ http }) => http });
  stops.push(() => (pool.stop(), balancer.stop()));
  return { pool, port: balancer.port };
}

test("R47 behind a balancer that looks every 100 ms no connection is refused while a gateway drains", async () => {
  const env = { DRAIN_DEADLINE: "20s", DRAIN_DELAY: "2s", DRAIN_SPREAD: "1s" };
  const [draining, staying] = [await startNode({ env }), await startNode({ env })];
  const { pool, port } = balance([draining, staying]);
  await until(() => pool.ready.length === 2);
  const client = await JsonClient.connect(draining.ws);
  let isOver = false;
  const stopped = draining.gateway.stop().then(() => (isOver = true));
  // Taken as before, though it is not ready any more.
  const late = await RawClient.open({ port: draining.port });
  expect(late.status).toBe(101);
  late.destroy();
  const statuses = new Map<number, number>();
  while (!isOver) {
    const one = await RawClient.open({ port });
    statuses.set(one.status, (statuses.get(one.status) ?? 0) + 1);
    one.destroy();
    if (client.pushes.length > 0) client.close();
  }
  await stopped;
  expect([...statuses.keys()]).toEqual([101]);
  expect(statuses.get(101)).toBeGreaterThan(10);
}, 20_000);
