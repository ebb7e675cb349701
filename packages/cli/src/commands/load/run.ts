import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  LiveProgress,
  loadScenario,
  NoAgent,
  planOf,
  processProgress,
  renderReport,
  type RunResult,
  runScenario,
  type Scenario,
  ScenarioError,
  startAgents,
  writeResult,
} from "@tidegate/load";
import type { Context } from "../../context.ts";
import { CliError, EXIT, textOf, usageError } from "../../exit.ts";
import { summaryText } from "../../load/text.ts";
import { VERSION } from "../../version.ts";
import { save } from "./save.ts";

export interface RunFlags {
  readonly set?: readonly string[];
  readonly json?: string;
  readonly html?: string;
  readonly quiet?: true;
}

export async function run(file: string, flags: RunFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const scenario = readScenario(file, flags.set ?? [], context);
  const stop = new AbortController();
  const live = flags.quiet === true ? undefined : new LiveProgress(planOf(scenario), processProgress());
  const off = terminal.onSignal(() => {
    // A second one does not wait for anything.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    live?.note("Stopping: connections close, what was measured is written. Ctrl-C again ends at once.");
  });
  try {
    const result = await play(scenario, stop.signal, live, context);
    await write(result, flags, context);
    if (!result.verdict.passed) context.exit(EXIT.failed);
  } finally {
    live?.end();
    off();
  }
}

async function play(
  scenario: Scenario,
  stop: AbortSignal,
  live: LiveProgress | undefined,
  context: Context,
): Promise<RunResult> {
  const { clock } = context;
  const command = [process.execPath, "run", Bun.main, "load", "agent"];
  const agents = await startAgents(scenario, command, availableParallelism()).catch((error: unknown) => {
    throw error instanceof NoAgent ? new CliError(error.message, EXIT.noServer) : error;
  });
  try {
    return await runScenario({
      scenario,
      agents: agents.links,
      tool: VERSION,
      stop,
      monotonic: () => performance.now(),
      now: () => clock.now(),
      descriptors: descriptorLimit(),
      onProgress: ({ second, phase, correctness }) => {
        live?.phase(phase);
        live?.correctness(correctness);
        live?.second(second);
      },
    });
  } finally {
    // Before the result is told: the block is drawn where the words would be.
    live?.end();
    agents.stop();
  }
}

async function write(result: RunResult, { json, html }: RunFlags, { terminal }: Context): Promise<void> {
  if (json !== undefined) save(json, writeResult(result), terminal.cwd);
  if (html !== undefined) save(html, renderReport(result), terminal.cwd);
  await terminal.out(summaryText(result));
}

function readScenario(file: string, sets: readonly string[], { terminal }: Context): Scenario {
  let text: string;
  try {
    text = readFileSync(resolve(terminal.cwd, file), "utf8");
  } catch (error) {
    throw usageError(`the scenario cannot be read: ${textOf(error)}`);
  }
  try {
    return loadScenario(text, file, sets);
  } catch (error) {
    throw error instanceof ScenarioError
      ? usageError(`the scenario is not valid:\n  ${error.faults.join("\n  ")}`)
      : error;
  }
}

/** Descriptors that this process, and so each agent, may have. */
function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return line === undefined || line === "unlimited" ? Infinity : Number(line);
  } catch {
    return Infinity;
  }
}
