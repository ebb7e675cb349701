import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { pino } from "pino";
import { openNatsBus } from "../../../src/adapters/nats/bus.ts";
import { systemClock } from "../../../src/clock.ts";
import type { Bus } from "../../../src/cluster/bus.ts";
import { ClusterPresence } from "../../../src/presence/cluster/presence.ts";
import { NATS, NatsBench } from "../../log/nats/fixture.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";
import { presenceContract } from "../presence.contract.ts";
import { FakeNodes } from "./fake-nodes.ts";

const bench = new NatsBench();
const buses: Bus[] = [];
let opened = 0;

beforeAll(async () => {
  await bench.start();
  if (NATS !== undefined) for (let i = 0; i < 2; i++) buses.push(await openBus());
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await bench.remove();
});

function openBus(): Promise<Bus> {
  return openNatsBus({ servers: [bench.server.url], cluster: "test", clock: systemClock, warn: () => undefined });
}

function openPresence(clock: FakeClock, bus: Bus, nodes: FakeNodes): ClusterPresence {
  return new ClusterPresence({ clock, bus, nodes, random: () => 0.5, logger: pino({ level: "silent" }) });
}

/** Two gateways whose time stands still unless it is moved, on a NATS of this world. */
async function pair() {
  const clock = new FakeClock();
  const ids = [`g${++opened}`, `g${++opened}`] as const;
  const [here, there] = [new FakeNodes(ids[0]), new FakeNodes(ids[1])];
  here.join(ids[1]);
  there.join(ids[0]);
  const presences = [openPresence(clock, buses[0]!, here), openPresence(clock, buses[1]!, there)] as const;
  await Promise.all(presences.map(({ ready }) => ready));
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    // What was published before the probe has arrived when its answer has.
    for (let round = 0; round < 2; round++) {
      await Promise.all(buses.map((bus) => bus.probe()));
      clock.settle();
    }
  };
  return { presences, advance, dispose: () => Promise.all(presences.map((presence) => presence.close())) };
}

describe.skipIf(NATS === undefined)("NATS", () => {
  presenceContract("cluster on NATS", async () => {
    const { presences, advance, dispose } = await pair();
    // Until both have heard each other, so that questions are answered at once.
    for (let i = 0; i < 100 && !presences.every(({ figures }) => figures.isWhole); i++) await advance(100);
    return { presence: presences[0], advance, dispose: async () => void (await dispose()) };
  });

  test("P40 P43 P45 twenty thousand members come to a gateway that starts, over NATS", async () => {
    const { presences, advance, dispose } = await pair();
    const [a, b] = presences;
    for (let i = 0; i < 20_000; i++)
      a.enter("chat/room", `s${i}`, { user: `user${i}`, info: '{"name":"Ann"}' }, { grace: 5000, maxMembers: 10 });
    for (let i = 0; i < 500 && b.figures.members < 20_000; i++) await advance(20);
    expect((await b.query("chat/room", 5)).count).toBe(20_000);
    await dispose();
  });

  test("P52 after NATS was killed and came back all know all again", async () => {
    const { presences, advance, dispose } = await pair();
    const [a, b] = presences;
    const settings = { grace: 5000, maxMembers: 10 };
    a.enter("chat/room", "s1", { user: "ann", info: undefined }, settings);
    await advance(2000);
    await bench.server.kill();
    await until(() => buses.every(({ isUp }) => !isUp));
    a.enter("chat/room", "s2", { user: "bob", info: undefined }, settings);
    b.enter("chat/room", "s3", { user: "cid", info: undefined }, settings);
    expect([a.figures.isWhole, b.figures.isWhole]).toEqual([false, false]);
    await bench.server.start();
    await until(() => buses.every(({ isUp }) => isUp));
    for (let i = 0; i < 100 && !presences.every(({ figures }) => figures.isWhole); i++) await advance(100);
    for (const presence of presences) expect((await presence.query("chat/room", 10)).count).toBe(3);
    await dispose();
  });
});
