import type { Correctness, RunResult } from "../result/types.ts";

/** What was wrong over all populations. */
export interface Faults {
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  readonly delayed: number;
  readonly foreign: number;
}

export const FAULT_KINDS = ["lost", "repeated", "reordered", "delayed", "foreign"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export function faultsOf(correctness: readonly Correctness[]): Faults {
  const sum = (key: keyof Faults): number => correctness.reduce((total, row) => total + row[key], 0);
  return {
    ...{ expected: sum("expected"), received: sum("received"), lost: sum("lost"), repeated: sum("repeated") },
    ...{ reordered: sum("reordered"), delayed: sum("delayed"), foreign: sum("foreign") },
  };
}

export function errorCount(errors: Readonly<Record<string, number>>): number {
  return Object.values(errors).reduce((sum, value) => sum + value, 0);
}

/** The busiest second of the busiest agent: CPU as a share of a core, lag and lateness in milliseconds. */
export interface ToolPeak {
  readonly cpu: number;
  readonly lag: number;
  readonly late: number;
}

export function toolPeak({ series }: Pick<RunResult, "series">): ToolPeak {
  const samples = series.flatMap(({ agents }) => agents);
  const highest = (key: keyof ToolPeak): number => samples.reduce((max, sample) => Math.max(max, sample[key]), 0);
  return { cpu: highest("cpu"), lag: highest("lag"), late: highest("late") };
}
