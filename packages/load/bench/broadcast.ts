import { atLeast, type Metric, tableOf } from "../src/report/result.ts";
import type { Series } from "../src/report/series.ts";
import { Watch } from "../src/report/watch.ts";
import { broadcast } from "../src/scenario/broadcast.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { PLAIN, tidegate, withServer } from "./support/contestants.ts";
import { percentileMetrics, percentiles } from "./support/percentiles.ts";
import { collect, CPU_METRICS, rates } from "./support/rounds.ts";

type Numbers = "rounds" | "seconds" | "subscribers" | "calm" | "rate" | "burst" | "bursts" | "payload";

/** Seconds of the same load before the measurement. */
const WARM_UP = 0.5;

const bench: Bench<Numbers> = {
  name: "broadcast",
  title: "Broadcast: small messages to 10,000 subscribers of one topic",
  numbers: { rounds: 3, seconds: 2, subscribers: 10_000, calm: 5, rate: 50, burst: 20, bursts: 2, payload: 100 },
  measure,
};

const METRICS: readonly Metric[] = [
  { key: "perCpu", label: "deliveries per s of server CPU", digits: 0, ratio: true },
  { key: "rate", label: "deliveries/s", digits: 0, ratio: true },
  ...percentileMetrics(0, "p50", "p99"),
  ...CPU_METRICS,
];

interface Shape {
  readonly title: string;
  /** Bursts a second. */
  readonly rate: number;
  /** Messages of a burst. */
  readonly size: number;
}

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { calm, rate, burst, bursts } = settings.numbers;
  const watch = new Watch();
  const shapes: readonly Shape[] = [
    { title: `${calm} messages a second, one at a time: within what one core can write`, rate: calm, size: 1 },
    { title: `${rate} messages a second, one at a time`, rate, size: 1 },
    { title: `${bursts} bursts a second of ${burst} messages back to back`, rate: bursts, size: burst },
  ];
  const series: Series[] = [];
  for (const shape of shapes) series.push(await measureShape(shape, settings, watch));
  const [, single, gathered] = series;
  return {
    tables: shapes.map(({ title }, i) => tableOf(title, series[i]!, METRICS, PLAIN.name)),
    bars: [
      atLeast("single messages, deliveries per s of server CPU × plain ws", perCpu(single), 1.3),
      atLeast("bursts, deliveries per s of server CPU × plain ws", perCpu(gathered), 5),
    ],
    notes: watch.notes,
  };
}

function perCpu(series: Series | undefined): number | undefined {
  return series?.ratio("tidegate process", PLAIN.name, "perCpu")?.median;
}

function measureShape(
  { title, rate, size }: Shape,
  { numbers, entry, progress }: Settings<Numbers>,
  watch: Watch,
): Promise<Series> {
  const { rounds, seconds, subscribers, payload } = numbers;
  const contestants = [PLAIN, tidegate("process", entry)];
  const load = { rate, size, subscribers, payloadBytes: payload, warmUp: WARM_UP, seconds };
  return collect({ title, contestants, rounds, progress }, (contestant) =>
    withServer(contestant, async (target) => {
      const { interval, latency, latenessP99 } = await broadcast(target, load);
      watch.look(`${title}, ${contestant.name}`, interval, latenessP99);
      return { ...rates(interval, interval.delivered), ...percentiles(latency, "p50", "p99") };
    }),
  );
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
