import { memoryLink } from "../../src/agent/memory-link.ts";
import { hostAgent } from "../../src/engine/host.ts";
import type { Link, Order, Report } from "../../src/engine/orders.ts";
import { type RunOptions, runScenario } from "../../src/master/run.ts";
import type { RunResult } from "../../src/result/types.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import type { Scenario } from "../../src/scenario-file/table.ts";

/** Runs the text of a scenario with agents in this process. */
export function runHere(yaml: string, agents = 1, more: Partial<RunOptions> = {}): Promise<RunResult> {
  return runWith(loadScenario(yaml, "test.yaml"), agentsHere(agents), more);
}

export function agentsHere(count: number): Link<Order, Report>[] {
  return Array.from({ length: count }, () => {
    const [mine, theirs] = memoryLink<Order, Report>();
    hostAgent(theirs, () => performance.now() * 1000);
    return mine;
  });
}

export function runWith(
  scenario: Scenario,
  agents: readonly Link<Order, Report>[],
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  return runScenario({
    scenario,
    agents,
    tool: "test",
    stop: new AbortController().signal,
    monotonic: () => performance.now(),
    now: () => Date.now(),
    descriptors: 20_000,
    ...more,
  });
}
