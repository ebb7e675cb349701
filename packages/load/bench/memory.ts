import { randomBytes } from "node:crypto";
import { type Memory, memory, openDescriptors } from "../src/measure/process-stats.ts";
import { until } from "../src/measure/wait.ts";
import { atMost, type Metric, tableOf } from "../src/report/result.ts";
import type { Sample } from "../src/report/series.ts";
import { idleClients } from "../src/scenario/populations.ts";
import { Run, type Target } from "../src/scenario/run.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import {
  type Contestant,
  PLAIN,
  plainOnManyAddresses,
  tidegateOnManyAddresses,
  withServer,
} from "./support/contestants.ts";
import { collect } from "./support/rounds.ts";
import { settled } from "./support/settled.ts";
import { tokenOf } from "./support/token.ts";

type Numbers = "rounds" | "connections" | "returns";

const bench: Bench<Numbers> = {
  name: "memory",
  title: "Memory of idle, authenticated connections with two subscriptions each",
  // 19,000 is what fits under the usual limit of 20,000 descriptors in a process.
  numbers: { rounds: 1, connections: 19_000, returns: 10 },
  measure,
};

/** The default durability; what a connection costs does not depend on it. */
const TIDEGATE = "tidegate process";

const METRICS: readonly Metric[] = [
  { key: "empty", label: "empty server, RSS MB", digits: 1 },
  { key: "rss", label: "RSS bytes a connection", digits: 0, ratio: true },
  { key: "pss", label: "Pss bytes a connection", digits: 0, ratio: true },
  { key: "anonymous", label: "anonymous bytes a connection", digits: 0 },
  { key: "growth", label: "growth %, RSS", digits: 1 },
  { key: "growthOwn", label: "growth %, anonymous", digits: 1 },
  { key: "connects", label: "connections/s while they come", digits: 0 },
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { numbers, entry, progress } = settings;
  const secret = randomBytes(32).toString("hex");
  const contestants = [plainOnManyAddresses(), tidegateOnManyAddresses("process", entry, secret)];
  const series = await collect({ title: "memory", contestants, rounds: numbers.rounds, progress }, (contestant) =>
    withServer(contestant, (target) => measureServer(contestant, target, secret, settings)),
  );
  const value = (server: string, key: string): number | undefined => series.spread(server, key)?.median;
  const bars = [
    atMost("bytes of RSS a connection", value(TIDEGATE, "rss"), 4096),
    atMost(`growth of RSS in % after ${numbers.returns} returns`, value(TIDEGATE, "growth"), 10),
  ];
  const title = `${numbers.connections} connections; growth after all left and came back ${numbers.returns} times`;
  const notes = ["The plain ws server has no authentication; its clients come once and do not return."];
  return { tables: [tableOf(title, series, METRICS, PLAIN.name)], bars, notes };
}

async function measureServer(
  contestant: Contestant,
  target: Target,
  secret: string,
  { numbers, progress }: Settings<Numbers>,
): Promise<Sample> {
  const { connections, returns } = numbers;
  const clients = idleClients(connections, (index) =>
    contestant.name === PLAIN.name ? undefined : tokenOf(index, secret),
  );
  const empty = await settled(() => memory(target.pid));
  const start = performance.now();
  let run = await Run.open(target, clients, 0);
  const connects = connections / ((performance.now() - start) / 1000);
  const first = await settled(() => memory(target.pid));
  for (let visit = 1; visit <= returns && contestant.name !== PLAIN.name; visit++) {
    await leave(run, target);
    run = await Run.open(target, clients, 0);
    progress(`${contestant.name}, return ${visit}: ${Math.round(memory(target.pid).rss / 2 ** 20)} MB`);
  }
  const last = await settled(() => memory(target.pid));
  await leave(run, target);
  const each = (key: keyof Memory): number => (first[key] - empty[key]) / connections;
  const sizes = {
    empty: empty.rss / 2 ** 20,
    rss: each("rss"),
    pss: each("pss"),
    anonymous: each("anonymous"),
    connects,
  };
  return contestant.name === PLAIN.name
    ? sizes
    : { ...sizes, growth: growth(first.rss, last.rss), growthOwn: growth(first.anonymous, last.anonymous) };
}

/** Everybody leaves; the server has seen it when it has let go of the sockets. Throws `IncorrectDelivery`. */
async function leave(run: Run, { pid }: Target): Promise<void> {
  const clients = run.clients.length;
  const before = openDescriptors(pid);
  await run.finish();
  await until("the server to close the connections", 30_000, () => openDescriptors(pid) <= before - clients);
}

function growth(before: number, after: number): number {
  return (after / before - 1) * 100;
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
