/**
 * A histogram as it is sent and stored: how many values, their highest and their sum, and pairs of bucket and count for
 * buckets that are not empty, in one flat list. Buckets are those of `Histogram`.
 */
export interface HistogramData {
  readonly count: number;
  readonly max: number;
  readonly sum: number;
  readonly buckets: readonly number[];
}

export const EMPTY_HISTOGRAM: HistogramData = { count: 0, max: 0, sum: 0, buckets: [] };
