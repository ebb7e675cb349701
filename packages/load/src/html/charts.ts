import { clockTime, bytes, micros, percent, short } from "../figures/format.ts";
import { percentileCurve, quantilesOf } from "../figures/latency.ts";
import { errorCount } from "../figures/totals.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { RunResult, Second } from "../result/types.ts";
import type { Chart, Line, Span } from "./chart.ts";

/** A run in a picture; several are drawn into the same one, the first one solid. */
export interface Shown {
  /** Empty for a run by itself. */
  readonly label: string;
  readonly result: RunResult;
}

const TIME = { name: "time since the start", format: clockTime } as const;

/** All pictures of a report. Those without a single point are left out when they are drawn. */
export function chartsOf(runs: readonly Shown[]): readonly Chart[] {
  const spans = runs.length === 1 ? spansOf(runs[0]!.result) : [];
  const charts = OVER_TIME.map(({ series, ...chart }) => ({
    ...chart,
    x: TIME,
    spans,
    lines: runs.flatMap((run, i) => series.map((line, colour) => timeLine(run, i, line, colour + 1))),
  }));
  return [percentiles(runs), ...charts.filter(({ id, lines }) => id !== "errors" || lines.some(isAboveZero))];
}

function isAboveZero({ points }: Line): boolean {
  return points.some(([, y]) => y > 0);
}

interface Series {
  readonly label: string;
  readonly of: (second: Second) => number | undefined;
}

function count(label: string, key: "attempted" | "sent" | "acked" | "delivered" | "connections" | "wanted"): Series {
  return { label, of: (second) => second[key] };
}

function quantile(label: string, key: "p50" | "p99" | "max"): Series {
  return { label, of: (second) => (measured(second).count === 0 ? undefined : quantilesOf(measured(second))[key]) };
}

/** Where nothing subscribes, the acknowledgement is what there is. */
function measured({ latency, ack }: { latency: HistogramData; ack: HistogramData }): HistogramData {
  return latency.count > 0 ? latency : ack;
}

function busiest({ agents }: Second): number | undefined {
  return agents.length === 0 ? undefined : Math.max(...agents.map(({ cpu }) => cpu));
}

function timeLine({ label, result }: Shown, run: number, series: Series, colour: number): Line {
  const points = result.series.map((second) => [second.t + 0.5, series.of(second) ?? Number.NaN] as const);
  return { label: named(series.label, label), colour, dashed: run > 0, points };
}

function percentiles(runs: readonly Shown[]): Chart {
  const nines = (oneIn: number): string => `${Number((100 - 100 / oneIn).toFixed(6))} %`;
  return {
    id: "percentiles",
    title: "Latency by percentile",
    about: "So many of the messages took so long or less. The further to the right, the rarer.",
    x: { name: "percentile", log: true, format: nines },
    y: { name: "latency", log: true, format: micros },
    lines: runs.flatMap(({ label, result }, i) =>
      [
        { label: named("delivered", label), colour: 1, dashed: i > 0, points: curve(result.totals.latency) },
        { label: named("acknowledged", label), colour: 2, dashed: i > 0, points: curve(result.totals.ack) },
      ].filter(({ points }) => points.length > 0),
    ),
  };
}

function curve(data: HistogramData): readonly (readonly [number, number])[] {
  return percentileCurve(data).map((point) => [point.oneIn, point.micros] as const);
}

function spansOf({ phases }: RunResult): readonly Span[] {
  return phases.map(({ name, from, to }) => ({ name, from, to }));
}

function named(line: string, run: string): string {
  return run === "" ? line : `${run}: ${line}`;
}

interface TimeChart extends Omit<Chart, "x" | "lines" | "spans"> {
  readonly series: readonly Series[];
}

const OVER_TIME: readonly TimeChart[] = [
  {
    id: "latency",
    title: "Latency over time",
    about: "Of the messages that came in each second, counted from the moment at which they were due.",
    y: { name: "latency", log: true, format: micros },
    series: [quantile("P50", "p50"), quantile("P99", "p99"), quantile("highest", "max")],
  },
  {
    id: "throughput",
    title: "Throughput",
    about:
      "Messages a second. Where fewer are sent than are due, the load could not be made; where fewer are acknowledged, the server is behind.",
    y: { name: "messages a second", format: short },
    series: [
      count("due", "attempted"),
      count("sent", "sent"),
      count("acknowledged", "acked"),
      count("delivered", "delivered"),
    ],
  },
  {
    id: "connections",
    title: "Connections",
    about: "Open at the end of each second, and wanted then.",
    y: { name: "connections", format: short },
    series: [count("open", "connections"), count("wanted", "wanted")],
  },
  {
    id: "errors",
    title: "Errors",
    about: "Of all kinds, in each second.",
    y: { name: "errors a second", format: short },
    series: [{ label: "errors", of: ({ errors }) => errorCount(errors) }],
  },
  {
    id: "server-cpu",
    title: "CPU",
    about:
      "Of the server, where it can be read, and of the busiest agent of the tool. An agent near 100 % measures itself.",
    y: { name: "share of a core", format: percent },
    series: [
      { label: "server", of: ({ server }) => server?.cpu },
      { label: "busiest agent", of: busiest },
    ],
  },
  {
    id: "server-memory",
    title: "Memory of the server",
    about: "Resident, as the system counts it.",
    y: { name: "memory", format: bytes, thousand: 1024 },
    series: [{ label: "server", of: ({ server }) => server?.rss }],
  },
];
