import { bytes, count, micros, percent, short } from "../figures/format.ts";
import { quantilesOf } from "../figures/latency.ts";
import { errorCount, faultsOf } from "../figures/totals.ts";
import type { RunResult } from "../result/types.ts";

/** One figure of two runs. */
export interface Row {
  readonly name: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly format: (value: number) => string;
  /** Which direction is the better one; undefined where neither is. */
  readonly better: "more" | "less" | undefined;
}

export interface Comparison {
  readonly before: RunResult;
  readonly after: RunResult;
  readonly rows: readonly Row[];
  /** Where the scenarios differ, as paths with both values. */
  readonly differences: readonly string[];
}

/** Two runs, figure by figure. */
export function compareResults(before: RunResult, after: RunResult): Comparison {
  const rows = FIGURES.map(({ of, ...row }) => ({ ...row, before: of(before), after: of(after) })).filter(
    (row) => row.before !== undefined || row.after !== undefined,
  );
  return { before, after, rows, differences: differencesOf(before.meta.scenario, after.meta.scenario, "") };
}

/** Change of a figure as a share of what it was; undefined where there is none to tell. */
export function changeOf({ before, after }: Row): number | undefined {
  if (before === undefined || after === undefined || before === 0) return undefined;
  return after / before - 1;
}

/** Whether a row became better or worse by more than a twentieth: runs differ by less on their own. */
export function judgeRow(row: Row): "better" | "worse" | "same" {
  const change = changeOf(row) ?? (row.before === 0 && (row.after ?? 0) > 0 ? Infinity : 0);
  if (row.better === undefined || Math.abs(change) < NOISE) return "same";
  return change > 0 === (row.better === "more") ? "better" : "worse";
}

const NOISE = 0.05;

interface Figure extends Omit<Row, "before" | "after"> {
  readonly of: (result: RunResult) => number | undefined;
}

const FIGURES: readonly Figure[] = [
  latency("delivery P50", "latency", "p50"),
  latency("delivery P99", "latency", "p99"),
  latency("delivery P99.9", "latency", "p999"),
  latency("delivery, highest", "latency", "max"),
  latency("acknowledgement P50", "ack", "p50"),
  latency("acknowledgement P99", "ack", "p99"),
  latency("connection P50", "connect", "p50"),
  latency("connection P99", "connect", "p99"),
  figure("delivered a second", short, "more", ({ totals, meta }) => totals.delivered / Math.max(1, meta.seconds)),
  figure("delivered in the busiest second", short, "more", ({ totals }) => totals.peakDelivered),
  figure("sent a second", short, undefined, ({ totals, meta }) => totals.sent / Math.max(1, meta.seconds)),
  figure("connections at most", count, undefined, ({ totals }) => totals.peakConnections),
  figure("highest rate that keeps the goal", short, "more", ({ search }) => search?.rate),
  figure("lost", count, "less", ({ correctness }) => faultsOf(correctness).lost),
  figure("repeated", count, "less", ({ correctness }) => faultsOf(correctness).repeated),
  figure("reordered", count, "less", ({ correctness }) => faultsOf(correctness).reordered),
  figure("errors", count, "less", ({ totals }) => errorCount(totals.errors)),
  figure("server CPU, mean", percent, "less", (result) => meanOf(result, "cpu")),
  figure("server memory, highest", bytes, "less", (result) => mostOf(result)),
];

function figure(name: string, format: Row["format"], better: Row["better"], of: Figure["of"]): Figure {
  return { name, format, better, of };
}

function latency(name: string, of: "latency" | "ack" | "connect", at: "p50" | "p99" | "p999" | "max"): Figure {
  return figure(name, micros, "less", ({ totals }) =>
    totals[of].count === 0 ? undefined : quantilesOf(totals[of])[at],
  );
}

function samplesOf({ series }: RunResult, key: "cpu" | "rss"): readonly number[] {
  return series.flatMap(({ server }) => (server === undefined ? [] : [server[key]]));
}

function meanOf(result: RunResult, key: "cpu"): number | undefined {
  const samples = samplesOf(result, key);
  return samples.length === 0 ? undefined : samples.reduce((sum, each) => sum + each, 0) / samples.length;
}

function mostOf(result: RunResult): number | undefined {
  const samples = samplesOf(result, "rss");
  return samples.length === 0 ? undefined : samples.reduce((most, each) => Math.max(most, each), 0);
}

const MOST_DIFFERENCES = 20;

function differencesOf(a: unknown, b: unknown, path: string): string[] {
  if (Object.is(a, b)) return [];
  if (!isRecord(a) || !isRecord(b)) return [`${path === "" ? "scenario" : path}: ${shown(a)}, then ${shown(b)}`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys
    .flatMap((key) => differencesOf(a[key], b[key], path === "" ? key : `${path}.${key}`))
    .slice(0, MOST_DIFFERENCES);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  const text = value === undefined ? "not set" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
