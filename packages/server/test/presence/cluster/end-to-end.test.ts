import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { JsonClient, type Json } from "../../e2e/json-client.ts";
import { ServerProcess } from "../../e2e/server-process.ts";
import { NATS, NatsBench } from "../../log/nats/fixture.ts";
import { until } from "../../support/until.ts";
import { SECRET, tokenOf } from "../../support/gateway.ts";

const TOPIC = "chat/room_1";
const KEY = `tg_${"k".repeat(32)}`;
const machine = { "x-api-key": KEY };
/** Milliseconds. */
const LEASE = 2000;
const GRACE = 1500;

const bench = new NatsBench();
const open = new Set<ServerProcess>();
let clusters = 0;
beforeAll(bench.start);
afterEach(async () => {
  await Promise.all([...open].map((server) => server[Symbol.asyncDispose]()));
  open.clear();
});
afterAll(bench.remove);

/** Gateways of a cluster of their own, each a process. */
async function start(count: number): Promise<readonly ServerProcess[]> {
  const settings = {
    LOG_URL: bench.server.url,
    CLUSTER_NAME: `presence_${++clusters}`,
    LOG_MAX_BYTES: "64MB",
    CLUSTER_HEARTBEAT: "300ms",
    CLUSTER_LEASE: `${LEASE}ms`,
    NAMESPACE_DEFAULTS_PRESENCE_GRACE: `${GRACE}ms`,
    AUTH_JWT_SECRET: SECRET,
    AUTH_KEYS: JSON.stringify([{ name: "machine", key: KEY, publish: ["user/#"], admin: true }]),
    MQTT_PORT: "0",
    DRAIN_DELAY: "0",
    DRAIN_SPREAD: "200ms",
    DRAIN_DEADLINE: "4s",
  };
  const servers = await Promise.all(Array.from({ length: count }, () => ServerProcess.start(settings)));
  for (const server of servers) open.add(server);
  await until(async () => (await Promise.all(servers.map(nodesOf))).every((nodes) => nodes === count));
  return servers;
}

async function nodesOf({ http }: ServerProcess): Promise<number> {
  const answer = await fetch(`${http}/v1/nodes`, { headers: machine });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { readonly nodes: readonly unknown[] }).nodes.length;
}

/** A client in the room. */
async function join(server: ServerProcess, user: string): Promise<JsonClient> {
  const client = await JsonClient.connect(server.ws, await tokenOf(user));
  const reply = await client.ask({ subscribe: { topic: TOPIC, presence: { name: user.toUpperCase() } } });
  expect(reply).toHaveProperty("subscribe");
  return client;
}

/** `+ann`, `-bob`: what it was told of others. */
function heard({ pushes }: JsonClient): readonly string[] {
  return pushes.flatMap((push) => [...named(push["leave"], "-"), ...named(push["join"], "+")]);
}

function named(push: unknown, sign: string): readonly string[] {
  const members = (push as { readonly members: readonly Json[] } | undefined)?.members ?? [];
  return members.map(({ user }) => `${sign}${String(user)}`);
}

async function membersAt({ http }: ServerProcess): Promise<readonly string[]> {
  const headers = { authorization: `Bearer ${await tokenOf("reader")}` };
  const answer = await fetch(`${http}/v1/presence?topic=${TOPIC}`, { headers });
  const { members = [] } = (await answer.json()) as { readonly members?: readonly { readonly user: string }[] };
  return members.map(({ user }) => user).toSorted();
}

describe.skipIf(NATS === undefined)("presence of gateways on one NATS", () => {
  test("P40 P41 two clients at two gateways see each other come and go, by push, command and HTTP", async () => {
    const [one, two] = (await start(2)) as [ServerProcess, ServerProcess];
    const ann = await join(one, "ann");
    const bob = await join(two, "bob");
    await ann.until(() => heard(ann).includes("+bob"));
    await until(async () => (await membersAt(two)).length === 2);
    expect([await membersAt(one), await membersAt(two)]).toEqual([
      ["ann", "bob"],
      ["ann", "bob"],
    ]);
    const { presence } = await bob.ask({ presence: { topic: TOPIC } });
    expect((presence as Json)["count"]).toBe(2);
    expect((presence as Json)["members"]).toContainEqual({ user: "ann", info: { name: "ANN" } });
    bob.close();
    await ann.until(() => heard(ann).includes("-bob"));
    expect(heard(ann).filter((line) => line.includes("bob"))).toEqual(["+bob", "-bob"]);
    ann.close();
  }, 30_000);

  test("P49 a gateway is killed: its members leave after the lease, and not before", async () => {
    const [one, two] = (await start(2)) as [ServerProcess, ServerProcess];
    const ann = await join(one, "ann");
    await join(two, "bob");
    await ann.until(() => heard(ann).includes("+bob"));
    two.kill("SIGKILL");
    const killed = performance.now();
    await ann.until(() => heard(ann).includes("-bob"));
    // It was heard for the last time up to a heartbeat before.
    expect(performance.now() - killed).toBeGreaterThan(LEASE - 400);
    expect(await membersAt(one)).toEqual(["ann"]);
    ann.close();
  }, 30_000);

  test("P46 P49 whose gateway was killed and who is back on another within the lease never left", async () => {
    const [one, two, three] = (await start(3)) as [ServerProcess, ServerProcess, ServerProcess];
    const ann = await join(one, "ann");
    await join(two, "bob");
    await ann.until(() => heard(ann).includes("+bob"));
    two.kill("SIGKILL");
    const again = await join(three, "bob");
    await until(async () => (await nodesOf(one)) === 2);
    // Somebody who comes later is told after all that was before.
    const cid = await join(three, "cid");
    await ann.until(() => heard(ann).includes("+cid"));
    expect(heard(ann).filter((line) => line.includes("bob"))).toEqual(["+bob"]);
    expect(await membersAt(one)).toEqual(["ann", "bob", "cid"]);
    for (const client of [ann, again, cid]) client.close();
  }, 30_000);

  test("P50 P56 a gateway drains: a client that goes to another one never left", async () => {
    const [one, two] = (await start(2)) as [ServerProcess, ServerProcess];
    const ann = await join(one, "ann");
    const bob = await join(two, "bob");
    const dan = await join(two, "dan");
    await ann.until(() => heard(ann).includes("+bob") && heard(ann).includes("+dan"));
    two.kill("SIGTERM");
    await bob.until(() => bob.pushes.some((push) => push["reconnect"] !== undefined));
    // As the SDK does: it closes the old connection, and then opens the new one.
    bob.close();
    dan.close();
    await bob.end();
    const again = await join(one, "bob");
    expect(await two.ended()).toBe(0);
    await ann.until(() => heard(ann).includes("-dan"));
    expect(heard(ann).filter((line) => line.includes("bob"))).toEqual(["+bob"]);
    expect(await membersAt(one)).toEqual(["ann", "bob"]);
    for (const client of [ann, again]) client.close();
  }, 30_000);

  test("P40 a message to a user's own topic reaches the user's sessions on two gateways", async () => {
    const [one, two] = (await start(2)) as [ServerProcess, ServerProcess];
    const token = await tokenOf("ann");
    const clients = await Promise.all([one, two].map(({ ws }) => JsonClient.connect(ws, token)));
    const answer = await fetch(`${one.http}/v1/publish`, {
      method: "POST",
      headers: { ...machine, "content-type": "application/json" },
      body: JSON.stringify({ topic: "user/ann", data: { hello: 1 } }),
    });
    expect(answer.status).toBe(200);
    for (const client of clients) {
      await client.until(() => client.messages().length > 0);
      expect(client.messages().map(({ topic, data }) => [topic, data])).toEqual([["user/ann", { hello: 1 }]]);
      client.close();
    }
  }, 30_000);
});
