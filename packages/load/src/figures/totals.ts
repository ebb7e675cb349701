import type { Correctness } from "../result/types.ts";

export const FAULT_KINDS = ["lost", "repeated", "reordered", "delayed", "foreign"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What was wrong over all populations. */
export type Faults = Pick<Correctness, "expected" | "received" | FaultKind>;

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
