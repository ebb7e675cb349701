import type { PhaseResult, Second } from "../result/types.ts";

/** What is told each second while a run goes on: the terminal shows it. */
export interface Progress {
  /** The last full second. */
  readonly second: Second;
  readonly phase: Pick<PhaseResult, "name" | "kind">;
  /** Seconds since the start, and of the whole run as far as it is known; undefined in a search. */
  readonly elapsed: number;
  readonly total: number | undefined;
  /** Seconds that the phase still has. */
  readonly left: number;
}
