import type { Plot } from "../../src/plot/plot.ts";
import { type Metric, type Table, tableOf } from "../../src/report/result.ts";
import { Series } from "../../src/report/series.ts";
import { broadcast } from "../../src/scenario/broadcast.ts";
import { tidegate, withServer } from "../support/contestants.ts";
import { percentileMetrics, percentiles } from "../support/percentiles.ts";
import { rates } from "../support/rounds.ts";
import type { Context } from "./context.ts";

const SUBSCRIBERS = [1, 10, 100, 1_000, 10_000] as const;
/** Messages that are published back to back. */
const BATCHES = [1, 4, 16, 64, 256, 1024] as const;
/** Batches a second: few where a batch is much work, more where it is so little that its CPU could not be read. */
const FEWEST = 5;
const MANY = 400;
/** Deliveries a second that a cell is to have, and above which the generator would be measured. */
const ENOUGH = 20_000;
const MOST = 350_000;
const WARM_UP = 1;

const METRICS: readonly Metric[] = [
  { key: "perCpu", label: "deliveries per s of server CPU", digits: 0 },
  { key: "micros", label: "server CPU µs per delivery", digits: 2 },
  ...percentileMetrics(2, "p50", "p99"),
];

interface Findings {
  readonly table: Table;
  readonly plot: Plot;
}

/** What a delivery costs, and how long it takes, by the number of subscribers and by how many messages come at once. */
export async function fanOut({ rounds, seconds, subscribers, entry, progress }: Context): Promise<Findings> {
  const series = new Series();
  const cells = SUBSCRIBERS.filter((count) => count <= subscribers).flatMap((count) =>
    BATCHES.filter((size) => count * size * FEWEST <= MOST).map((size) => ({ count, size, name: nameOf(count, size) })),
  );
  for (let round = 0; round < rounds; round++)
    for (const { count, size, name } of cells) {
      const rate = Math.min(MANY, Math.max(FEWEST, ENOUGH / (count * size)));
      const load = { rate, size, subscribers: count, payloadBytes: 100, warmUp: WARM_UP, seconds };
      const { interval, latency } = await withServer(tidegate("process", entry), (target) => broadcast(target, load));
      const { perCpu } = rates(interval, interval.delivered) as { perCpu: number };
      series.add(name, { perCpu, micros: 1e6 / perCpu, ...percentiles(latency, "p50", "p99") });
      progress(`fan-out, round ${round + 1}, ${name}: ${Math.round(perCpu)} deliveries per s of server CPU`);
    }
  const title = `Fan-out: ${FEWEST} to ${MANY} batches a second to all subscribers`;
  return { table: tableOf(title, series, METRICS), plot: plotOf(series, cells) };
}

function nameOf(count: number, size: number): string {
  return `${count.toLocaleString("en-US")} subscribers, batches of ${size}`;
}

function plotOf(series: Series, cells: readonly { count: number; size: number; name: string }[]): Plot {
  const lines = [...new Set(cells.map(({ count }) => count))].map((count) => ({
    label: `${count.toLocaleString("en-US")} subscribers`,
    points: cells
      .filter((cell) => cell.count === count)
      .map(({ size, name }) => ({
        x: series.spread(name, "perCpu")?.median ?? 0,
        y: series.spread(name, "p50")?.median ?? 0,
        label: String(size),
      })),
  }));
  return {
    kind: "lines",
    file: "micro-fan-out",
    title: "Fan-out: what batches gain and what they cost (numbers: messages in a batch)",
    x: "deliveries for each second of the server's CPU",
    y: "P50 latency, ms",
    lines,
  };
}
