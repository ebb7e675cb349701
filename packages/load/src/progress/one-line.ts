import { clockTime, count, micros, perSecond } from "../figures/format.ts";
import { quantilesOf } from "../figures/latency.ts";
import { errorCount, faultsOf } from "../figures/totals.ts";
import { piece } from "./paint.ts";
import type { ProgressView } from "./view.ts";

/** A running load as one line, for a log. */
export function renderLine({ elapsed, phase, last, errors, correctness }: ProgressView): string {
  const parts = [`${clockTime(elapsed)} ${phase === undefined ? "waiting" : piece(phase.name).text}`];
  if (last !== undefined) {
    const { connections, wanted, sent, acked, delivered, latency } = last;
    parts.push(`connections ${count(connections)} of ${count(wanted)}`);
    parts.push(`sent ${perSecond(sent)}`, `acked ${perSecond(acked)}`, `delivered ${perSecond(delivered)}`);
    if (latency.count > 0) {
      const { p50, p99, max } = quantilesOf(latency);
      parts.push(`P50 ${micros(p50)}`, `P99 ${micros(p99)}`, `max ${micros(max)}`);
    }
  }
  parts.push(`errors ${count(errorCount(errors))}`);
  if (correctness.length > 0) {
    const { lost, repeated, reordered } = faultsOf(correctness);
    parts.push(`lost ${count(lost)}`, `repeated ${count(repeated)}`, `reordered ${count(reordered)}`);
  }
  return parts.join("  ");
}
