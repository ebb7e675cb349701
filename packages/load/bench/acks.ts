import { atLeast, type Metric, tableOf } from "../src/report/result.ts";
import type { Sample, Series } from "../src/report/series.ts";
import { Watch } from "../src/report/watch.ts";
import { saturate } from "../src/scenario/loads.ts";
import { lonePublishers } from "../src/scenario/populations.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { tidegate } from "./support/contestants.ts";
import { collect, CPU_METRICS, rates, withRuns } from "./support/rounds.ts";

type Numbers = "rounds" | "seconds" | "connections" | "window" | "payload";

/** Seconds. */
const COMPILE = 2;
const SETTLE = 0.3;
const BASE = "tidegate memory";

const bench: Bench<Numbers> = {
  name: "acks",
  title: "Acknowledged publishes from 100 connections to 100 topics without subscribers",
  numbers: { rounds: 9, seconds: 1, connections: 100, window: 32, payload: 100 },
  measure,
};

const METRICS: readonly Metric[] = [
  { key: "rate", label: "acknowledged/s", digits: 0, ratio: true },
  { key: "perCpu", label: "acknowledged per s of server CPU", digits: 0, ratio: true },
  ...CPU_METRICS,
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { window } = settings.numbers;
  const watch = new Watch();
  const pipelined = await measureWindow(window, settings, watch);
  const single = await measureWindow(1, settings, watch);
  const ratio = (series: Series): number | undefined => series.ratio("tidegate process", BASE, "rate")?.median;
  return {
    tables: [
      tableOf(`${window} publishes under way on each connection`, pipelined, METRICS, BASE),
      tableOf("One publish under way on each connection", single, METRICS, BASE),
    ],
    bars: [
      atLeast(`process, rate × memory, ${window} under way`, ratio(pipelined), 0.6),
      atLeast("process, rate × memory, one under way", ratio(single), 0.6),
    ],
    notes: watch.notes,
  };
}

/** The servers run side by side and are loaded in turn. */
function measureWindow(window: number, { numbers, entry, progress }: Settings<Numbers>, watch: Watch): Promise<Series> {
  const { rounds, seconds, connections, payload } = numbers;
  const contestants = [tidegate("memory", entry), tidegate("process", entry), tidegate("power", entry)];
  const title = `${window} under way`;
  return withRuns(contestants, lonePublishers(connections), payload, async (runs) => {
    for (const run of runs.values()) await saturate(run, window, { warmUp: 0, seconds: COMPILE });
    return collect({ title, contestants, rounds, progress }, async (contestant): Promise<Sample> => {
      const interval = await saturate(runs.get(contestant)!, window, { warmUp: SETTLE, seconds });
      watch.look(`${title}, ${contestant.name}`, interval);
      return rates(interval, interval.acknowledged);
    });
  });
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
