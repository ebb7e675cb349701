import { Histogram } from "../measure/histogram.ts";
import type { HistogramData } from "../measure/histogram-data.ts";

/** Microseconds, but for the count. All 0 if nothing was measured. */
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

export function quantilesOf(data: HistogramData): Quantiles {
  const histogram = Histogram.of(data);
  const at = (q: number): number => histogram.quantile(q);
  return {
    ...{ count: data.count, mean: histogram.mean, max: data.max },
    ...{ p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999), p9999: at(0.9999) },
  };
}

/** A point of the percentile curve: one message in `oneIn` took `micros` or longer. */
export interface CurvePoint {
  readonly oneIn: number;
  readonly micros: number;
}

/** Points for each power of ten of `oneIn`: close enough for a smooth line at any width. */
const POINTS_PER_DECADE = 40;

/**
 * The percentile curve as HdrHistogram draws it: evenly spaced in the logarithm of one in how many, so that P99, P99.9 and
 * P99.99 have the same room. It ends at the number of measured values, where the highest one stands.
 */
export function percentileCurve(data: HistogramData): readonly CurvePoint[] {
  if (data.count === 0) return [];
  const histogram = Histogram.of(data);
  const steps = Math.floor(Math.log10(data.count) * POINTS_PER_DECADE);
  const points = Array.from({ length: steps + 1 }, (_, i) => {
    const oneIn = 10 ** (i / POINTS_PER_DECADE);
    return { oneIn, micros: histogram.quantile(1 - 1 / oneIn) };
  });
  return [...points, { oneIn: data.count, micros: data.max }];
}
