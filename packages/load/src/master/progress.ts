import type { Correctness, PhaseResult, Second } from "../result/types.ts";

/** What is told each second while a run goes on: the terminal shows it. */
export interface Progress {
  /** The last full second. */
  readonly second: Second;
  readonly phase: Omit<PhaseResult, "latency">;
  /** As of the last time that everything sent was waited for; empty before. */
  readonly correctness: readonly Correctness[];
}
