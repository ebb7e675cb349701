import { afterEach, expect, test } from "bun:test";
import type { Socket } from "bun";
import { Balancer } from "../cluster/balancer.ts";
import { Pool, PROBES } from "../cluster/pool.ts";
import { until } from "../../packages/server/test/support/until.ts";
import { FakeGateway } from "./fake-gateway.ts";

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0).toReversed()) each.stop();
});

async function balance(
  gateways: readonly FakeGateway[],
  settings: { interval?: number; patience?: number; misses?: number; max?: number } = {},
) {
  const { max, ...probes } = settings;
  const pool = new Pool(
    gateways.map(({ backend }) => backend),
    { ...PROBES, interval: 20, ...probes, changed: () => {} },
  );
  const options = { host: "127.0.0.1", port: 0, pool, portOf: ({ mqtt }: { mqtt?: number | undefined }) => mqtt };
  const balancer = new Balancer(max === undefined ? options : { ...options, max });
  open.push(...gateways, pool, balancer);
  await pool.probe();
  return { pool, balancer };
}

function gateways(count: number): readonly FakeGateway[] {
  return Array.from({ length: count }, (_, n) => new FakeGateway(`g${n}`));
}

/** A connection that keeps what it gets. */
class Client {
  text = "";
  bytes = 0;
  state: "open" | "ended" | "closed" | "reset" = "open";
  #socket: Socket | undefined;

  static async connect(port: number): Promise<Client> {
    const client = new Client();
    client.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      allowHalfOpen: true,
      socket: {
        data: (_, chunk) => {
          client.bytes += chunk.length;
          client.text = (client.text + String(chunk)).slice(-100);
        },
        end: () => void (client.state = "ended"),
        close: (_, error) => void (client.state = error === undefined ? "closed" : "reset"),
      },
    });
    return client;
  }

  get socket(): Socket {
    if (this.#socket === undefined) throw new Error("not connected");
    return this.#socket;
  }

  /** The name of the gateway that answers. */
  static async whoAt(port: number): Promise<string> {
    const client = await Client.connect(port);
    client.socket.write("who");
    await until(() => client.text !== "" || client.state !== "open");
    client.socket.end();
    return client.text;
  }
}

async function askedOf(port: number, times: number): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < times; n++) names.push(await Client.whoAt(port));
  return names;
}

test("CL1 connections go to the ready gateways in turn", async () => {
  const { balancer } = await balance(gateways(3));
  expect(await askedOf(balancer.port, 6)).toEqual(["g0", "g1", "g2", "g0", "g1", "g2"]);
  await until(() => balancer.connections === 0);
});

test("CL2 what each side sends arrives whole, and so does its end while the other still sends", async () => {
  const all = gateways(1);
  const { balancer } = await balance(all);
  for (const gateway of all) gateway.staysOpen = true;
  const client = await Client.connect(balancer.port);
  client.socket.write("echo me");
  await until(() => client.text === "echo me");
  client.socket.shutdown();
  await until(() => all[0]?.ends === 1);
  expect(client.state).toBe("open");
  all[0]?.sendToAll("still here");
  await until(() => client.text.endsWith("still here"));
  all[0]?.endAll();
  await until(() => client.state === "closed" && balancer.connections === 0);
});

test("CL2 an end from the gateway reaches the client after all bytes before it", async () => {
  const all = gateways(1);
  const { balancer } = await balance(all);
  const client = await Client.connect(balancer.port);
  client.socket.write("flood 20000000");
  await until(() => client.state === "ended" || client.state === "closed");
  expect(client.bytes).toBe(20_000_000);
});

test("CL2 after the end of the gateway the client may go on sending", async () => {
  const all = gateways(1);
  const { balancer } = await balance(all);
  const client = await Client.connect(balancer.port);
  client.socket.write("who");
  await until(() => client.text === "g0");
  for (const gateway of all) gateway.shutDownAll();
  await until(() => client.state === "ended");
  client.socket.write("more");
  await until(() => all[0]?.heard === "whomore");
});

test("CL3 a client that does not read holds up its gateway instead of filling the balancer", async () => {
  const all = gateways(1);
  const { balancer } = await balance(all);
  const client = await Client.connect(balancer.port);
  client.socket.pause();
  client.socket.write("flood 100000000");
  const gateway = all[0];
  if (gateway === undefined) throw new Error("no gateway");
  await until(() => gateway.sent > 0);
  // It stands still when all buffers of the kernel are full: nothing was sent in forty looks.
  let looks = 0;
  let before = 0;
  await until(() => {
    looks = before === gateway.sent ? looks + 1 : 0;
    before = gateway.sent;
    return looks === 40;
  });
  expect(gateway.sent).toBeLessThan(40_000_000);
  client.socket.resume();
  await until(() => client.bytes === 100_000_000);
});

test("CL4 the connections of a gateway that died are closed, and new ones go to the others", async () => {
  const all = gateways(2);
  // One that refuses is not asked again before it counts as gone.
  const { balancer, pool } = await balance(all, { misses: Infinity });
  const [first, second] = [await Client.connect(balancer.port), await Client.connect(balancer.port)];
  first.socket.write("who");
  second.socket.write("who");
  await until(() => first.text === "g0" && second.text === "g1");
  all[0]?.die();
  await until(() => first.state !== "open" && pool.healthOf("g0") === "gone");
  expect(second.state).toBe("open");
  expect(await askedOf(balancer.port, 3)).toEqual(["g1", "g1", "g1"]);
});

test("CL4 a gateway that refuses a connection has it go to the next one", async () => {
  const all = gateways(2);
  const { balancer } = await balance(all, { interval: 3_600_000 });
  all[0]?.die();
  expect(await askedOf(balancer.port, 3)).toEqual(["g1", "g1", "g1"]);
  expect(balancer.refused).toBe(0);
});

test("CL4 the connections of a gateway that stands still are closed after some probes without an answer", async () => {
  const all = gateways(2);
  const { balancer, pool } = await balance(all, { patience: 200 });
  const client = await Client.connect(balancer.port);
  client.socket.write("who");
  await until(() => client.text === "g0");
  all[0]?.setHealth("silent");
  await until(() => client.state === "reset");
  expect(pool.ready.map(({ name }) => name)).toEqual(["g1"]);
});

test("CL4 a gateway is gone after three probes in a row without an answer; a connection that failed has it asked at once", async () => {
  const [gateway] = gateways(1) as [FakeGateway];
  const { backend } = gateway;
  const told: string[] = [];
  const changed = (_: unknown, health: string): void => void told.push(health);
  const pool = new Pool([backend], { interval: 3_600_000, patience: 50, misses: 3, changed });
  open.push(gateway, pool);
  const probe = async (health: "ready" | "silent", times: number): Promise<void> => {
    gateway.setHealth(health);
    for (let n = 0; n < times; n++) await pool.probe();
  };
  await probe("ready", 2);
  for (let round = 0; round < 2; round++) {
    await probe("silent", 2);
    await probe("ready", 1);
  }
  // Each change is told once.
  expect(told).toEqual(["ready"]);
  await probe("silent", 3);
  expect(told).toEqual(["ready", "gone"]);
  gateway.setHealth("ready");
  pool.failed(backend);
  await until(() => told.length === 3);
  expect(told).toEqual(["ready", "gone", "ready"]);
});

test("CL5 a gateway that drains gets nothing new and keeps what it has; one that returns is in turn again", async () => {
  const all = gateways(2);
  const { balancer, pool } = await balance(all);
  const client = await Client.connect(balancer.port);
  client.socket.write("who");
  await until(() => client.text === "g0");
  all[0]?.setHealth("draining");
  await until(() => pool.ready.length === 1);
  expect(await askedOf(balancer.port, 3)).toEqual(["g1", "g1", "g1"]);
  client.socket.write("!");
  await until(() => client.text === "g0!");
  all[0]?.setHealth("ready");
  await until(() => pool.ready.length === 2);
  expect((await askedOf(balancer.port, 2)).toSorted()).toEqual(["g0", "g1"]);
});

test("CL6 while none is ready those that live take connections, not those that drain; with none of them they are closed", async () => {
  const all = gateways(2);
  const { balancer, pool } = await balance(all);
  all[0]?.setHealth("unready");
  all[1]?.setHealth("draining");
  await until(() => pool.healthOf("g0") === "unready" && pool.healthOf("g1") === "draining");
  expect(await askedOf(balancer.port, 2)).toEqual(["g0", "g0"]);
  all[0]?.setHealth("draining");
  await until(() => pool.healthOf("g0") === "draining");
  expect(await askedOf(balancer.port, 1)).toEqual([""]);
  expect(balancer.refused).toBe(1);
});

test("CL7 past its number of connections it refuses, and takes new ones when others went", async () => {
  const { balancer } = await balance(gateways(1), { max: 2 });
  const kept = [await Client.connect(balancer.port), await Client.connect(balancer.port)];
  await until(() => balancer.connections === 2);
  expect(await Client.whoAt(balancer.port)).toBe("");
  expect(balancer.refused).toBe(1);
  kept[0]?.socket.end();
  await until(() => balancer.connections === 1);
  expect(await Client.whoAt(balancer.port)).toBe("g0");
});
