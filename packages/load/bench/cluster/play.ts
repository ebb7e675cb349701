import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../src/master/progress.ts";
import { runScenario } from "../../src/master/run.ts";
import { startAgents } from "../../src/master/start-agents.ts";
import type { RunResult } from "../../src/result/types.ts";
import { IncorrectDelivery } from "../../src/scenario/run.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { ROOT } from "../support/bench.ts";

const COMMAND = [process.execPath, "run", join(ROOT, "packages/cli/src/main.ts"), "load", "agent"];

/** The usual limit of descriptors in a process. */
const DESCRIPTORS = 20_000;

/** Runs a scenario with agents of its own. Throws `IncorrectDelivery` if it did not pass. */
export async function play(tree: object, onProgress: (progress: Progress) => void): Promise<RunResult> {
  // JSON is YAML.
  const scenario = loadScenario(JSON.stringify(tree), "the benchmark's scenario");
  const agents = await startAgents(scenario, COMMAND, availableParallelism());
  try {
    const result = await runScenario({
      ...{ scenario, agents: agents.links, tool: "bench", descriptors: DESCRIPTORS, onProgress },
      stop: new AbortController().signal,
      monotonic: () => performance.now(),
      now: () => Date.now(),
    });
    const { verdict, correctness, totals } = result;
    if (verdict.passed) return result;
    const examples = [...correctness.flatMap((each) => each.examples), ...totals.examples];
    throw new IncorrectDelivery(scenario.name, [...verdict.reasons, ...examples.slice(0, 10)]);
  } finally {
    agents.stop();
  }
}
