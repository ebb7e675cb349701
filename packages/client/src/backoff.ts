export interface BackoffRange {
  /** Milliseconds: upper end of the first wait. */
  readonly min: number;
  /** Milliseconds: upper end of every wait. */
  readonly max: number;
}

/**
 * Exponential back-off with full jitter: a random part of min·2^attempt, at most of max. Spreading over the whole range
 * keeps clients that lost the same server apart (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoff(range: BackoffRange, attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(range.max, range.min * 2 ** Math.min(attempt, 30)));
}
