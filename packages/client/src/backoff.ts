import type { Clock } from "./environment.ts";

export interface BackoffRange {
  /** Milliseconds: upper end of the first wait. Default 200. */
  readonly min: number;
  /** Milliseconds: upper end of every wait. Default 20,000. */
  readonly max: number;
  /**
   * Milliseconds: upper end of every wait after `unavailable`. Such a server lives and waits for a part of itself: a try
   * costs it little, and a long wait would go on when that part is back. Default 5,000.
   */
  readonly unavailable: number;
}

/** Milliseconds to wait after so many failures before this one, which had this reason. */
export type Backoff = (failures: number, reason: string) => number;

/** What trying again takes. */
export interface Retrying {
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Milliseconds of nothing but temporary errors after which a repair is given up. */
  readonly patience: number;
  /** Milliseconds that something must have held for the back-off to start anew. */
  readonly stable: number;
}

/**
 * Exponential back-off with full jitter: a random part of min·2^failures, up to an end. Spreading over the whole range
 * keeps clients that lost the same server apart (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoffOf({ min, max, unavailable }: BackoffRange, random: () => number): Backoff {
  return (failures, reason) => {
    const end = reason === "unavailable" ? Math.min(max, unavailable) : max;
    return Math.round(random() * Math.min(end, min * 2 ** Math.min(failures, 30)));
  };
}
