import { afterEach, expect, test } from "bun:test";
import { chatLoad, measureTraffic } from "../bench/cluster/traffic.ts";
import { heldScenario, type HeldLoad } from "../bench/cluster/held.ts";
import { allCpu, cpuSample, FleetWatch } from "../bench/cluster/watch.ts";
import { withFleet } from "../bench/cluster/fleet.ts";
import { findNatsServer } from "../../../scripts/servers/nats.ts";
import type { RunResult, Second } from "../src/result/types.ts";
import { type Fate, type FaultyServer, startFaulty } from "./engine/faulty-server.ts";
import { runHere } from "./engine/run-here.ts";

const servers: FaultyServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const SMALL: HeldLoad = {
  ...{ connections: 40, rooms: 8, publishers: 4, rate: 400, payload: 100, agents: 2 },
  ...{ ramp: 0.2, still: 0.1, seconds: 0.4, shared: false },
};

/** The load on two servers that know nothing of one another. */
function held(fateOf: (delivery: number) => Fate): Promise<RunResult> {
  const pair = [startFaulty(() => "deliver"), startFaulty(fateOf)];
  servers.push(...pair);
  return runHere(JSON.stringify(heldScenario({ name: "small", urls: pair.map(({ url }) => url) }, SMALL)), 2);
}

test("LG1 LG20 connections that are held over several gateways: every room is heard, and every message is accounted for", async () => {
  const { verdict, totals, correctness } = await held(() => "deliver");
  expect(verdict.reasons).toEqual([]);
  expect(totals.opened).toBe(44);
  expect(correctness.map(({ subscriptions }) => subscriptions)).toEqual([20, 20]);
  expect(totals.sent).toBeGreaterThan(80);
  // Each part has four rooms of five.
  expect(totals.delivered).toBe(totals.sent * 5);
}, 30_000);

test("LG20 LG61 one message that a gateway does not deliver fails the run", async () => {
  const { verdict } = await held((delivery) => (delivery === 17 ? "drop" : "deliver"));
  expect(verdict.reasons.join("\n")).toContain("1 of");
}, 30_000);

function second(t: number, delivered: number): Second {
  return { t, delivered, acked: delivered / 10, agents: [{ cpu: 0.25 }, { cpu: 0.5 }] } as unknown as Second;
}

test("LG60 CPU is counted over whole seconds of the load, with what was delivered in them, and shared out", () => {
  let now = 0;
  const watch = new FleetWatch([{ name: "gateway 1", pid: process.pid }], () => now);
  const series = [second(0, 1000), second(1, 10), second(2, 20), second(3, 1000)];
  for (const each of series) {
    now += 1000;
    watch.take(each);
    // Some hundredths of a second of CPU, the least that the kernel counts; on a busy machine they take longer.
    for (const before = process.cpuUsage(); process.cpuUsage(before).user < 40_000;);
  }
  const stretch = watch.stretch(series, 1, 3);
  expect(stretch).toMatchObject({ seconds: 2, delivered: 30, acked: 3, agentCpu: 1.5 });
  expect(allCpu(stretch)).toBeGreaterThanOrEqual(0.05);
  const sample = cpuSample(stretch, { name: "one", parts: [{ name: "gateway 1", pid: process.pid }], urls: [] });
  expect(sample["share of gateway 1"]).toBe(100);
  expect(() => watch.stretch(series, 9, 10)).toThrow("no two seconds");
});

const NATS = findNatsServer();

test.skipIf(NATS === undefined)(
  "LG61 chat over two gateways on one NATS, in miniature: what is delivered, and whose CPU it took",
  async () => {
    const plan = { name: "two", gateways: 2, nats: NATS, durability: "process" } as const;
    const sample = await withFleet(plan, (fleet) => measureTraffic(fleet, chatLoad(4, 100), 1));
    expect(sample["rate"]).toBeGreaterThan(100);
    const shares = ["gateway 1", "gateway 2", "NATS"].map((part) => sample[`share of ${part}`] ?? Number.NaN);
    expect(shares.every((share) => share > 0)).toBe(true);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 5);
  },
  60_000,
);
