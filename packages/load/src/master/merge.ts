import type { StreamSent } from "../engine/orders.ts";
import { Histogram } from "../measure/histogram.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { Correctness } from "../result/types.ts";

const KEPT_EXAMPLES = 20;

export function mergeHistograms(parts: readonly HistogramData[]): HistogramData {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const sum = new Histogram();
  for (const part of parts) sum.add(Histogram.of(part));
  return sum.toData();
}

export function sumRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of records) for (const [key, count] of Object.entries(record)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

/** Streams belong to one agent each. */
export function mergeStreams(parts: readonly (readonly StreamSent[])[]): StreamSent[] {
  return parts.flat();
}

/** One entry for each population, in the order in which they first come. */
export function mergeCorrectness(parts: readonly (readonly Correctness[])[]): Correctness[] {
  const merged = new Map<string, Correctness>();
  for (const entry of parts.flat()) {
    const known = merged.get(entry.population);
    merged.set(entry.population, known === undefined ? entry : addCorrectness(known, entry));
  }
  return [...merged.values()];
}

function addCorrectness(a: Correctness, b: Correctness): Correctness {
  return {
    population: a.population,
    protocol: a.protocol,
    subscriptions: a.subscriptions + b.subscriptions,
    expected: a.expected + b.expected,
    received: a.received + b.received,
    lost: a.lost + b.lost,
    repeated: a.repeated + b.repeated,
    reordered: a.reordered + b.reordered,
    delayed: a.delayed + b.delayed,
    foreign: a.foreign + b.foreign,
    maxLatency: Math.max(a.maxLatency, b.maxLatency),
    examples: [...a.examples, ...b.examples].slice(0, KEPT_EXAMPLES),
  };
}
