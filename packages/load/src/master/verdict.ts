import { errorCount } from "../figures/totals.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Correctness, PhaseResult, RunResult, Totals, Verdict } from "../result/types.ts";
import type { Limits, Scenario } from "../scenario-file/table.ts";
import { mergeHistograms } from "./merge.ts";

export interface Findings {
  readonly totals: Totals;
  readonly phases: readonly PhaseResult[];
  readonly correctness: readonly Correctness[];
  readonly search: RunResult["search"];
  readonly interrupted: boolean;
}

/** Whether a run kept the limits of its scenario. */
export function verdictOf(scenario: Scenario, findings: Findings): Verdict {
  const { limits } = scenario;
  const { totals, correctness, search, interrupted } = findings;
  const reasons = correctness.flatMap((entry) => deliveryReasons(entry, limits, search !== undefined));
  // A search goes beyond what the server can: only its result counts.
  if (search === undefined) reasons.push(...latencyReasons(findings.phases, limits), ...errorReasons(totals, limits));
  else if (search.rate === 0) reasons.push("no rate kept the goal of the search");
  if (totals.opened === 0) reasons.push("no connection came to stand");
  if (interrupted) reasons.push("it was interrupted");
  return { passed: reasons.length === 0, reasons };
}

function deliveryReasons(entry: Correctness, limits: Limits, searching: boolean): string[] {
  const { expected, population, foreign } = entry;
  const kinds = searching
    ? (["repeated", "reordered"] as const)
    : (["lost", "repeated", "reordered", "delayed"] as const);
  const reasons = kinds
    .filter((kind) => entry[kind] > limits[kind] * expected)
    .map((kind) => {
      const allowed = limits[kind] === 0 ? "none is allowed" : `${percent(limits[kind])} are allowed`;
      return `${population}: ${entry[kind]} of ${expected} deliveries ${kind}; ${allowed}`;
    });
  if (foreign > 0) reasons.push(`${population}: ${foreign} deliveries of topics that were not subscribed to`);
  return reasons;
}

function latencyReasons(phases: readonly PhaseResult[], limits: Limits): string[] {
  const latency = Histogram.of(measuredLatency(phases));
  const bounds = [
    ["P50", 0.5, limits.p50],
    ["P99", 0.99, limits.p99],
    ["P99.9", 0.999, limits.p999],
  ] as const;
  return bounds.flatMap(([name, quantile, bound]) => {
    const value = latency.quantile(quantile) / 1000;
    if (bound === undefined || (latency.count > 0 && value <= bound)) return [];
    const found = latency.count === 0 ? "not measured" : `${value.toFixed(1)} ms`;
    return [`${name} latency is ${found}; at most ${bound} ms is allowed`];
  });
}

/** The latency that a run is judged by: of hold and storm phases. */
export function measuredLatency(phases: readonly PhaseResult[]): PhaseResult["latency"] {
  return mergeHistograms(
    phases.filter(({ kind }) => kind === "hold" || kind === "storm").map((phase) => phase.latency),
  );
}

function errorReasons({ errors, attempted, opened }: Totals, limits: Limits): string[] {
  const count = errorCount(errors);
  if (count <= limits.errors * (attempted + opened)) return [];
  const kinds = Object.entries(errors).map(([kind, each]) => `${each} ${kind}`);
  return [
    `${count} errors (${kinds.join(", ")}); ${limits.errors === 0 ? "none is" : `${percent(limits.errors)} are`} allowed`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
