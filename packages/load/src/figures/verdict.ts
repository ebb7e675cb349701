import type { RunResult } from "../result/types.ts";
import { counted, micros, perSecond } from "./format.ts";
import { faultsOf } from "./totals.ts";

export interface Headline {
  readonly state: "passed" | "failed" | "interrupted";
  /** One sentence. */
  readonly text: string;
}

/** The whole run in one sentence. */
export function headline(result: RunResult): Headline {
  if (!result.verdict.passed) {
    const { length } = result.verdict.reasons;
    return { state: "failed", text: `Failed: ${counted(length, "limit was", "limits were")} not kept.` };
  }
  if (result.meta.interrupted)
    return { state: "interrupted", text: "Ended early by hand. What was measured until then kept all limits." };
  return { state: "passed", text: `Passed: ${result.search === undefined ? right(result) : found(result)}` };
}

/** What the run found, if it was to find something. */
function found({ search }: RunResult): string {
  if (search === undefined) return "";
  const goal = `a P99 of ${micros(search.goal.p99)}`;
  if (search.rate === 0) return `no rate that was tried keeps ${goal}.`;
  return `${perSecond(search.rate)} is the highest rate found that keeps ${goal}.`;
}

function right({ correctness, totals }: RunResult): string {
  const { lost, repeated, reordered, received } = faultsOf(correctness);
  if (received === 0) return `all limits were kept; ${counted(totals.acked, "message")} acknowledged.`;
  if (lost + repeated + reordered > 0) return "all limits were kept.";
  return `${counted(received, "delivery", "deliveries")}, none lost, repeated or out of order.`;
}
