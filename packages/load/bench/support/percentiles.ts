import type { Histogram } from "../../src/measure/histogram.ts";
import type { Metric } from "../../src/report/result.ts";

const QUANTILES = {
  p50: { quantile: 0.5, label: "P50 ms" },
  p99: { quantile: 0.99, label: "P99 ms" },
  p999: { quantile: 0.999, label: "P99.9 ms" },
} as const;

type Percentile = keyof typeof QUANTILES;

/** Of a latency, in milliseconds. */
export function percentiles<P extends Percentile>(latency: Histogram, ...which: readonly P[]): Record<P, number> {
  const entries = which.map((key) => [key, latency.quantile(QUANTILES[key].quantile) / 1000]);
  return Object.fromEntries(entries) as Record<P, number>;
}

/** The columns of those. */
export function percentileMetrics(digits: number, ...which: readonly Percentile[]): readonly Metric[] {
  return which.map((key) => ({ key, label: QUANTILES[key].label, digits }));
}
