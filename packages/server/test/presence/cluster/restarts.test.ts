import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "@tidegate/client";
import { NATS, Stand } from "../../cluster/faults/stand.ts";
import { until } from "../../support/until.ts";
import { SECRET, tokenOf } from "../../support/gateway.ts";

const TOPIC = "chat/room";
const USERS = 60;
/** Milliseconds. */
const GRACE = 3000;
const LEASE = 3000;

let stand: Stand;
const clients: Client[] = [];
/** Who was told to have left, by anybody to anybody. */
const left: string[] = [];
const joined = new Map<string, Set<string>>();

beforeAll(async () => {
  if (NATS === undefined) return;
  stand = await Stand.start({
    variables: {
      AUTH_JWT_SECRET: SECRET,
      CLUSTER_LEASE: `${LEASE}ms`,
      CLUSTER_HEARTBEAT: "300ms",
      DRAIN_DELAY: "600ms",
      DRAIN_SPREAD: "500ms",
      NAMESPACE_DEFAULTS_PRESENCE_GRACE: `${GRACE}ms`,
      NAMESPACE_DEFAULTS_PRESENCE_MAX_MEMBERS: "1000",
    },
  });
  for (let i = 0; i < USERS; i++) await enter(`user${i}`);
  await everywhere(USERS);
}, 30_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  if (NATS !== undefined) await stand[Symbol.asyncDispose]();
});

async function enter(user: string): Promise<void> {
  const client = new Client(stand.cluster.ws, { token: await tokenOf(user) });
  clients.push(client);
  const subscription = client.subscribe(TOPIC, { presence: true });
  const heard = new Set<string>();
  joined.set(user, heard);
  subscription.on("join", ({ members }) => members.forEach((member) => heard.add(member.user)));
  subscription.on("leave", ({ members }) => void left.push(...members.map((member) => `${member.user} to ${user}`)));
  await client.ready();
}

/** Resolves when every gateway counts so many. */
async function everywhere(count: number): Promise<void> {
  const headers = { authorization: `Bearer ${await tokenOf("reader")}` };
  const counts = () =>
    stand.cluster.gateways.map(async ({ http }) => {
      const answer = await fetch(`http://127.0.0.1:${http}/v1/presence?topic=${TOPIC}&count=true`, { headers });
      return ((await answer.json()) as { readonly count: number }).count;
    });
  await until(async () => (await Promise.all(counts())).every((one) => one === count));
}

/** Whatever was to be told before is told when everybody has heard of somebody who comes now. */
async function expectNobodyLeft(late: string, since: number): Promise<void> {
  await until(() => performance.now() - since > LEASE + GRACE + 500);
  await until(() => clients.every(({ state }) => state.kind === "connected"));
  const before = clients.length;
  await enter(late);
  await until(() => joined.values().every((heard) => heard.has(late)));
  await everywhere(before + 1);
  expect(left).toEqual([]);
}

describe.skipIf(NATS === undefined)("presence of SDK clients in a cluster of three gateways", () => {
  test("P46 P50 P56 all gateways are restarted in turn: nobody is told that anybody left", async () => {
    for (const gateway of stand.cluster.gateways) {
      expect(await gateway.stop()).toBe(0);
      await gateway.start();
      await until(() => stand.cluster.pool.ready.length === stand.cluster.gateways.length);
      await until(() => clients.every(({ state }) => state.kind === "connected"));
    }
    await expectNobodyLeft("late1", performance.now());
  }, 60_000);

  test("P46 P49 a gateway is killed: whoever is back within the lease and the grace time never left", async () => {
    const victim = stand.cluster.gateways[1]!;
    await victim.kill();
    const killed = performance.now();
    await victim.start();
    await expectNobodyLeft("late2", killed);
  }, 60_000);

  test("P4 P41 who closes and does not come back is told to have left, once to each", async () => {
    const gone = clients.pop()!;
    joined.delete("late2");
    await gone.close();
    await until(() => left.length >= clients.length);
    await everywhere(clients.length);
    expect(left.toSorted()).toEqual([...joined.keys()].map((user) => `late2 to ${user}`).toSorted());
  }, 60_000);
});
