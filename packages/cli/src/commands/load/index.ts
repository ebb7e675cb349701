import { EXAMPLE_SCENARIO } from "@tidegate/load";
import type { Command } from "commander";
import { writeNewFile } from "../../config/new-file.ts";
import type { Context } from "../../context.ts";
import { collect } from "../../text/numbers.ts";
import { agent, type AgentFlags } from "./agent.ts";
import { compare, type CompareFlags } from "./compare.ts";
import { run, type RunFlags } from "./run.ts";

export function loadCommand(root: Command, context: Context): void {
  const command = root.command("load").description("put a server under load, and check what it delivers");
  command
    .command("run <scenario>")
    .description("run a scenario, and say whether the server kept its limits")
    .option("--set <key=value>", "a value in place of the file's; may be given several times", collect)
    .option("--json <file>", "write the whole result")
    .option("--html <file>", "write a report with plots: one file that needs nothing else")
    .option("--quiet", "only the verdict")
    .addHelpText("after", EXAMPLES)
    .action((file: string, flags: RunFlags) => run(file, flags, context));
  command
    .command("compare <before> <after>")
    .description("two results of `load run --json`, side by side")
    .option("--html <file>", "write them with plots, too")
    .action((before: string, after: string, flags: CompareFlags) => compare([before, after], flags, context));
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

async function init(file: string, context: Context): Promise<void> {
  writeNewFile(file, EXAMPLE_SCENARIO, context);
  await context.terminal.out(`${file} is written. Run it with: tidegate load run ${file}\n`);
}

const EXAMPLES = `
The load leaves on schedule whatever the server does, and latency counts from the scheduled moment. Every message carries
its publisher and number: the run fails on what was lost, repeated or reordered, and on the limits of the scenario.
Ctrl-C ends it in good order. Exit code 1 if the run failed.

  tidegate load init
  tidegate load run load.yaml --json run.json --html run.html
  tidegate load compare before.json run.json
  tidegate load run load.yaml --set populations[0].count=5000`;
