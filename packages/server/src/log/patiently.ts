import { wait, type Clock } from "../clock.ts";
import { LogUnavailable } from "./log.ts";

export interface Patience {
  readonly clock: Clock;
  /** Milliseconds after which no other try begins. */
  readonly patience: number;
  /** Milliseconds between two tries. */
  readonly pause: number;
  /** Called after the first try, if others follow. */
  readonly waiting?: (why: string) => void;
}

/** Tries again and again as long as it fails with `LogUnavailable`. What is wrong otherwise does not mend itself. */
export async function patiently<T>(task: () => Promise<T>, { clock, patience, pause, waiting }: Patience): Promise<T> {
  const end = clock.now() + patience;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof LogUnavailable) || clock.now() >= end) throw error;
      if (isFirst) waiting?.(error.message);
      await wait(clock, pause);
    }
  }
}
