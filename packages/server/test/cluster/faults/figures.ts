/** The value below which a share of all values lies; NaN if there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** For people: `P50 1.23 s, P99 …, at most …`. Values in milliseconds. */
export function spreadOf(values: readonly number[]): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => seconds(percentile(values, share)));
  return `P50 ${p50}, P99 ${p99}, at most ${most} (of ${values.length})`;
}
