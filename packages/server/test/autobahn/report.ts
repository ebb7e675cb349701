/** What the suite found for one case. */
export interface CaseResult {
  readonly id: string;
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly milliseconds: number;
}

interface IndexEntry {
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly duration: number;
}

/** Reads the suite's `index.json`: agent, case, verdict. There is one agent in a run. */
export function resultsOf(index: unknown): readonly CaseResult[] {
  const [cases = {}] = Object.values(index as Record<string, Record<string, IndexEntry>>);
  return Object.entries(cases)
    .map(([id, { behavior, behaviorClose, duration }]) => ({ id, behavior, behaviorClose, milliseconds: duration }))
    .toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

/** OK, NON-STRICT and INFORMATIONAL pass; all else does not, in the messages or in the closing. */
const PASSES = new Set(["OK", "NON-STRICT", "INFORMATIONAL"]);

export function failuresOf(results: readonly CaseResult[]): readonly CaseResult[] {
  return results.filter(({ behavior, behaviorClose }) => !PASSES.has(behavior) || !PASSES.has(behaviorClose));
}

/** How many cases behaved in which way: "OK 290, NON-STRICT 4". */
export function countsOf(results: readonly CaseResult[]): string {
  const counts = new Map<string, number>();
  for (const { behavior } of results) counts.set(behavior, (counts.get(behavior) ?? 0) + 1);
  return [...counts].map(([behavior, count]) => `${behavior} ${count}`).join(", ");
}
