import { memoryLink } from "../../src/agent/memory-link.ts";
import { hostAgent } from "../../src/engine/host.ts";
import type { Order, Report } from "../../src/engine/orders.ts";
import { type RunOptions, runScenario } from "../../src/master/run.ts";
import type { RunResult } from "../../src/result/types.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";

/** Runs a scenario with agents in this process. */
export function runHere(yaml: string, agents = 1, more: Partial<RunOptions> = {}): Promise<RunResult> {
  const links = Array.from({ length: agents }, () => {
    const [mine, theirs] = memoryLink<Order, Report>();
    hostAgent(theirs, () => performance.now() * 1000);
    return mine;
  });
  return runScenario({
    scenario: loadScenario(yaml, "test.yaml"),
    agents: links,
    tool: "test",
    stop: new AbortController().signal,
    monotonic: () => performance.now(),
    now: () => Date.now(),
    descriptors: 20_000,
    ...more,
  });
}
