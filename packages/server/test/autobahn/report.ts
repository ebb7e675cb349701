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
  return results.filter(
    (result) => !isDeclined(result) && !(PASSES.has(result.behavior) && PASSES.has(result.behaviorClose)),
  );
}

/**
 * 13.3.* and 13.5.* offer a compression window of 512 bytes only (`server_max_window_bits=9`). Bun declines such an offer and
 * goes on without compression, as a server may. [RFC 7692, 7.1.2.1] The suite calls that UNIMPLEMENTED.
 */
export function isDeclined({ id, behavior, behaviorClose }: CaseResult): boolean {
  return behavior === "UNIMPLEMENTED" && behaviorClose === "OK" && /^13\.[35]\./.test(id);
}

/** How many cases behaved in which way: "OK 290, NON-STRICT 4". */
export function countsOf(results: readonly CaseResult[]): string {
  const counts = new Map<string, number>();
  for (const { behavior } of results) counts.set(behavior, (counts.get(behavior) ?? 0) + 1);
  return [...counts].map(([behavior, count]) => `${behavior} ${count}`).join(", ");
}
