import { expect } from "bun:test";
import { join } from "node:path";
import type { RunResult } from "../../src/result/types.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { agentsHere, runWith } from "../engine/run-here.ts";

const EXAMPLES = join(import.meta.dir, "../../../../examples/load");

export interface Changes {
  /** Of the target, in place of the example's. */
  readonly urls: string;
  /** How long each phase takes, in order. */
  readonly phases: readonly string[];
  /** Further assignments as for `--set`: smaller counts, and the port where it stands again. */
  readonly sets?: readonly string[];
}

/**
 * Runs a file of examples/load as it is written, but for where the server is and how much is done. How quick this
 * machine is at the moment is not what is asked: the latency may be up to 10 s.
 */
export async function runExample(file: string, { urls, phases, sets = [] }: Changes): Promise<RunResult> {
  const changes = [
    `target.urls=${urls}`,
    ...phases.map((time, i) => `phases[${i}].for=${time}`),
    ...sets,
    "limits.p99=10s",
  ];
  const scenario = loadScenario(await Bun.file(join(EXAMPLES, file)).text(), file, changes);
  return runWith(scenario, agentsHere(Math.max(1, scenario.agents.count)));
}

/** It passed, and the populations of these names heard something. */
export function expectHeard(result: RunResult, names: readonly string[]): void {
  const { verdict, totals, correctness, phases } = result;
  // First what was wrong: the errors in words say most.
  expect([...verdict.reasons, ...totals.examples]).toEqual([]);
  expect(verdict.passed).toBe(true);
  // A storm cuts some that wait for an answer.
  if (!phases.some(({ kind }) => kind === "storm")) expect(totals.acked).toBe(totals.sent);
  const heard = correctness.filter(({ received }) => received > 0).map(({ population }) => population);
  expect(heard).toEqual([...names]);
  expect(totals.delivered).toBeGreaterThan(0);
}
