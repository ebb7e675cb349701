import { Histogram, type RunResult } from "@tidegate/load";
import { grouped } from "../text/numbers.ts";

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
