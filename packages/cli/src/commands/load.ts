import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import {
  EXAMPLE_SCENARIO,
  loadScenario,
  NoAgent,
  type Progress,
  type RunResult,
  runScenario,
  type Scenario,
  ScenarioError,
  serveAgent,
  startAgents,
  writeResult,
} from "@tidegate/load";
import type { Command } from "commander";
import { writeNewFile } from "../config/new-file.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, textOf, usageError } from "../exit.ts";
import { progressLine, summaryText } from "../load/text.ts";
import { collect } from "../text/numbers.ts";
import { VERSION } from "../version.ts";

interface RunFlags {
  readonly set?: readonly string[];
  readonly json?: string;
  readonly quiet?: true;
}

export function loadCommand(root: Command, context: Context): void {
  const command = root.command("load").description("put a server under load, and check what it delivers");
  command
    .command("run <scenario>")
    .description("run a scenario, and say whether the server kept its limits")
    .option("--set <key=value>", "a value in place of the file's; may be given several times", collect)
    .option("--json <file>", "write the whole result")
    .option("--quiet", "only the verdict")
    .addHelpText("after", EXAMPLES)
    .action((file: string, flags: RunFlags) => run(file, flags, context));
  command
    .command("agent")
    .description("make load for a master on another machine; the secret is TIDEGATE_LOAD_SECRET")
    .option("--listen <host:port>", "where to wait for it", "127.0.0.1:7400")
    .option("--once", "end with the first master")
    .action((flags: AgentFlags) => agent(flags, context));
  command
    .command("init [file]")
    .description("write a commented scenario; refuses to overwrite")
    .action((file: string | undefined) => init(file ?? "load.yaml", context));
}

async function run(file: string, flags: RunFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const scenario = readScenario(file, flags.set ?? [], context);
  const stop = new AbortController();
  const off = terminal.onSignal(() => {
    // A second one does not wait for anything.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    terminal.err("\nStopping: connections close, what was measured is written. Ctrl-C again ends at once.\n");
  });
  try {
    const result = await play(scenario, stop.signal, flags, context);
    await write(result, flags, context);
    if (!result.verdict.passed) context.exit(EXIT.failed);
  } finally {
    off();
  }
}

async function play(scenario: Scenario, stop: AbortSignal, flags: RunFlags, context: Context): Promise<RunResult> {
  const { terminal, clock } = context;
  const command = [process.execPath, "run", Bun.main, "load", "agent"];
  const agents = await startAgents(scenario, command, availableParallelism()).catch((error: unknown) => {
    throw error instanceof NoAgent ? new CliError(error.message, EXIT.noServer) : error;
  });
  const show = (progress: Progress): void => terminal.err(`${progressLine(progress)}\n`);
  try {
    return await runScenario({
      scenario,
      agents: agents.links,
      tool: VERSION,
      stop,
      monotonic: () => performance.now(),
      now: () => clock.now(),
      descriptors: descriptorLimit(),
      ...(flags.quiet ? {} : { onProgress: show }),
    });
  } finally {
    agents.stop();
  }
}

async function write(result: RunResult, { json }: RunFlags, { terminal }: Context): Promise<void> {
  const save = (file: string, text: string): void => {
    const path = resolve(terminal.cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  if (json !== undefined) save(json, writeResult(result));
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

interface AgentFlags {
  readonly listen: string;
  readonly once?: true;
}

/** Milliseconds that a local agent waits for the master that started it. */
const ORPHAN = 30_000;

async function agent({ listen, once }: AgentFlags, { terminal }: Context): Promise<void> {
  const colon = listen.lastIndexOf(":");
  const port = /^\d{1,5}$/.test(listen.slice(colon + 1)) ? Number(listen.slice(colon + 1)) : Number.NaN;
  if (colon < 1 || !(port <= 65_535)) throw usageError(`--listen ${listen}: it must be host:port`);
  const given = terminal.env["TIDEGATE_LOAD_SECRET"];
  if (given !== undefined && given.length < 16)
    throw usageError("TIDEGATE_LOAD_SECRET must have at least 16 characters");
  const secret = given ?? randomBytes(16).toString("hex");
  const hostname = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const server = serveAgent({ hostname, port }, secret);
  await terminal.out(`listening on ${listen.slice(0, colon)}:${server.port}\n`);
  if (given === undefined) terminal.err(`Its secret, for agents.secret of the scenario: ${secret}\n`);
  const stopped = Promise.withResolvers<void>();
  const off = terminal.onSignal(() => stopped.resolve());
  const orphan = once ? setTimeout(() => server.busy || stopped.resolve(), ORPHAN) : undefined;
  await (once ? Promise.race([server.served, stopped.promise]) : stopped.promise);
  clearTimeout(orphan);
  off();
  server.stop();
}

async function init(file: string, context: Context): Promise<void> {
  writeNewFile(file, EXAMPLE_SCENARIO, context);
  await context.terminal.out(`${file} is written. Run it with: tidegate load run ${file}\n`);
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

const EXAMPLES = `
The load leaves on schedule whatever the server does, and latency counts from the scheduled moment. Every message carries
its publisher and number: the run fails on what was lost, repeated or reordered, and on the limits of the scenario.
Ctrl-C ends it in good order. Exit code 1 if the run failed.

  tidegate load init
  tidegate load run load.yaml --json run.json
  tidegate load run load.yaml --set populations[0].count=5000`;
