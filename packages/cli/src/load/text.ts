import { Histogram, type Progress, type RunResult } from "@tidegate/load";
import { grouped } from "../text/numbers.ts";

/** One line for each second. */
export function progressLine({ second, phase, left, elapsed }: Progress): string {
  const latency = Histogram.of(second.latency);
  const ms = (quantile: number): string => (latency.quantile(quantile) / 1000).toFixed(1);
  const errors = Object.values(second.errors).reduce((sum, each) => sum + each, 0);
  const parts = [
    `${Math.round(elapsed)} s`,
    `${phase.name} (${Math.ceil(left)} s left)`,
    `${grouped(second.connections)} connections`,
    `${grouped(second.sent)} sent/s`,
    `${grouped(second.delivered)} delivered/s`,
    `P50 ${ms(0.5)} ms, P99 ${ms(0.99)} ms`,
    ...(errors === 0 ? [] : [`${grouped(errors)} errors`]),
  ];
  return parts.join(" · ");
}

/** What came out, in some lines. */
export function summaryText(result: RunResult): string {
  const { meta, totals, verdict, correctness, notes, search } = result;
  const latency = Histogram.of(totals.latency.count > 0 ? totals.latency : totals.ack);
  const ms = (quantile: number): string => `${(latency.quantile(quantile) / 1000).toFixed(2)} ms`;
  const lines = [
    `${meta.name}: ${verdict.passed ? "passed" : "FAILED"}${meta.interrupted ? " (interrupted)" : ""}`,
    ...verdict.reasons.map((reason) => `  ${reason}`),
    `${grouped(totals.opened)} connections made, at most ${grouped(totals.peakConnections)} at a time`,
    `${grouped(totals.sent)} of ${grouped(totals.attempted)} messages sent, ${grouped(totals.acked)} acknowledged, ${grouped(totals.delivered)} delivered`,
    `latency P50 ${ms(0.5)}, P99 ${ms(0.99)}, P99.9 ${ms(0.999)}, highest ${(latency.max / 1000).toFixed(2)} ms`,
    ...correctness.map(
      (each) =>
        `${each.population}: ${grouped(each.received)} of ${grouped(each.expected)} received; ${each.lost} lost, ${each.repeated} repeated, ${each.reordered} reordered, ${each.delayed} delayed`,
    ),
    ...(search === undefined ? [] : [`highest rate that keeps the goal: ${grouped(search.rate)}/s`]),
    ...Object.entries(totals.errors).map(([kind, count]) => `${grouped(count)} errors: ${kind}`),
    ...notes.map(({ kind, text }) => (kind === "bottleneck" ? `The tool was the limit: ${text}` : text)),
  ];
  return `${lines.join("\n")}\n`;
}
