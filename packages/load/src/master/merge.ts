import { Histogram } from "../measure/histogram.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { Correctness, Counts } from "../result/types.ts";

const KEPT_EXAMPLES = 20;

export function mergeHistograms(parts: readonly HistogramData[]): HistogramData {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const sum = new Histogram();
  for (const part of parts) sum.add(Histogram.of(part));
  return sum.toData();
}

/** All that is counted but the histograms. */
export function sumCounts(parts: readonly Counts[]): Omit<Counts, "latency" | "ack" | "connect"> {
  const sum = (key: "opened" | "attempted" | "sent" | "acked" | "delivered" | "bytesOut" | "bytesIn"): number =>
    parts.reduce((total, part) => total + part[key], 0);
  const errors: Record<string, number> = {};
  for (const part of parts)
    for (const [kind, count] of Object.entries(part.errors)) errors[kind] = (errors[kind] ?? 0) + count;
  return {
    ...{ opened: sum("opened"), attempted: sum("attempted"), sent: sum("sent"), acked: sum("acked") },
    ...{ delivered: sum("delivered"), bytesOut: sum("bytesOut"), bytesIn: sum("bytesIn"), errors },
  };
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
