import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runScenario } from "../src/master/run.ts";
import { startAgents } from "../src/master/start-agents.ts";
import { quantilesOf } from "../src/figures/latency.ts";
import { atLeast, atMost, type Metric, tableOf } from "../src/report/result.ts";
import { type Sample, Series } from "../src/report/series.ts";
import type { RunResult, Second } from "../src/result/types.ts";
import { loadScenario } from "../src/scenario-file/load.ts";
import { type Bench, benchCommand, type Findings, ROOT, type Settings } from "./support/bench.ts";
import { MANY_ADDRESSES, tidegate, withServer } from "./support/contestants.ts";

type Numbers = "rounds" | "seconds" | "subscribers" | "connections";

const bench: Bench<Numbers> = {
  name: "tool",
  title: "What the load tester itself costs: one agent process of tidegate load",
  numbers: { rounds: 3, seconds: 5, subscribers: 1000, connections: 15_000 },
  quick: { rounds: 1, seconds: 2, connections: 3000 },
  measure,
};

/** Deliveries a second that are offered to the agent. */
const OFFERED = [100_000, 150_000, 200_000, 300_000] as const;
/** Seconds before what is counted. */
const WARM_UP = 2;

const RECEIVING: readonly Metric[] = [
  { key: "received", label: "received/s", digits: 0 },
  { key: "perCpu", label: "received per s of its CPU", digits: 0 },
  { key: "cpu", label: "agent CPU %", digits: 0 },
  { key: "late", label: "sends late by, P99 ms", digits: 1 },
  { key: "p99", label: "P99 of deliveries, ms", digits: 1 },
];

const HOLDING: readonly Metric[] = [
  { key: "bytes", label: "RSS bytes a connection", digits: 0 },
  { key: "empty", label: "empty agent, RSS MB", digits: 1 },
];

async function measure({ numbers, entry, progress }: Settings<Numbers>): Promise<Findings> {
  const { rounds, connections, subscribers } = numbers;
  const server = tidegate("memory", entry);
  const [receiving, holding] = [new Series(), new Series()];
  for (let round = 0; round < rounds; round++) {
    for (const offered of OFFERED) {
      const yaml = receivingScenario(numbers, offered);
      const sample = await withServer(server, async ({ port }) => received(await play(yaml(port))));
      receiving.add(`${offered.toLocaleString("en-US")} offered`, sample);
      progress(`receiving, round ${round + 1}, ${offered} offered: ${Math.round(sample["received"]!)}/s`);
    }
    const sample = await withServer(server, async ({ port }) => held(await play(holdingScenario(connections, port))));
    holding.add(`${connections.toLocaleString("en-US")} idle connections`, sample);
    progress(`holding, round ${round + 1}: ${Math.round(sample["bytes"]!)} bytes a connection`);
  }
  const best = Math.max(...receiving.servers.map((name) => receiving.spread(name, "received")?.median ?? 0));
  const bytes = holding.spread(holding.servers[0] ?? "", "bytes")?.median;
  return {
    tables: [
      tableOf(`Receiving, as ${subscribers} subscribers, and checking every message`, receiving, RECEIVING),
      tableOf("Holding", holding, HOLDING),
    ],
    bars: [
      atLeast("messages received a second by one agent", best, 100_000),
      atMost("bytes a connection of the agent", bytes, 3072),
    ],
    notes: ["The server and the agent share the machine; the agent is one process with one busy thread."],
  };
}

const COMMAND = [process.execPath, "run", join(ROOT, "packages/cli/src/main.ts"), "load", "agent"];

/** Throws if the run did not pass. */
async function play(yaml: string): Promise<RunResult> {
  const scenario = loadScenario(yaml, "bench.yaml");
  const agents = await startAgents(scenario, COMMAND, availableParallelism());
  try {
    const result = await runScenario({
      scenario,
      agents: agents.links,
      tool: "bench",
      stop: new AbortController().signal,
      monotonic: () => performance.now(),
      now: () => Date.now(),
      descriptors: 20_000,
    });
    if (!result.verdict.passed) throw new Error(`the run failed: ${result.verdict.reasons.join("; ")}`);
    return result;
  } finally {
    agents.stop();
  }
}

function receivingScenario({ subscribers, seconds }: Settings<Numbers>["numbers"], offered: number) {
  return (port: number): string => `
name: receiving
target: { protocol: tidegate, urls: "ws://127.0.0.1:${port}/ws" }
populations:
  - { name: listeners, count: ${subscribers}, subscribe: { topic: news/all } }
  - { name: speaker, count: 1, publish: { topic: news/all, rate: ${Math.round(offered / subscribers)}/s, bytes: 100 } }
agents: { count: 1 }
phases:
  - { phase: ramp, for: 2s, load: 0 }
  - { phase: hold, for: ${seconds + WARM_UP}s }
limits: { p99: 10s }
`;
}

function holdingScenario(connections: number, port: number): string {
  const urls = MANY_ADDRESSES.slice(0, 1).map((host) => `ws://${host}:${port}/ws`);
  return `
name: holding
target: { protocol: tidegate, urls: ${JSON.stringify(urls)} }
populations:
  - { name: idle, count: ${connections}, subscribe: { topic: "user/{client}" }, heartbeat: 5s }
agents: { count: 1, sources: [127.0.0.2, 127.0.0.3, 127.0.0.4, 127.0.0.5] }
phases:
  - { phase: hold, for: 2s, load: 0 }
  - { phase: ramp, for: 8s }
  - { phase: hold, for: 12s }
`;
}

/** Of the seconds of the hold, without the first ones and the last, which is not whole. */
function received({ series, phases, totals }: RunResult): Sample {
  const hold = phases.find(({ kind }) => kind === "hold")!;
  const seconds = series.filter(({ t }) => t >= hold.from + WARM_UP && t + 1 <= hold.to);
  const mean = (of: (second: Second) => number): number =>
    seconds.reduce((sum, second) => sum + of(second), 0) / seconds.length;
  const rate = mean(({ delivered }) => delivered);
  const cpu = mean(({ agents }) => agents[0]?.cpu ?? 0);
  const late = Math.max(...seconds.map(({ agents }) => agents[0]?.late ?? 0));
  return { received: rate, perCpu: rate / cpu, cpu: cpu * 100, late, p99: quantilesOf(totals.latency).p99 / 1000 };
}

/** Its memory while it holds, against its memory before the first connection. */
function held({ series, totals }: RunResult): Sample {
  const empty = series.find(({ connections }) => connections === 0)?.agents[0]?.rss ?? Number.NaN;
  const full = Math.max(
    ...series.filter((second) => second.connections === totals.peakConnections).map(({ agents }) => agents[0]!.rss),
  );
  return { bytes: (full - empty) / totals.peakConnections, empty: empty / 2 ** 20 };
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
