import { Command } from "commander";
import { serveCommand } from "./commands/serve.ts";
import type { Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  /** Where a command leaves its exit code if it is not 0. */
  exit(code: number): void;
}

/** The whole `tidegate` command. Throws a CommanderError where commander would end the process. */
export function program(context: Context): Command {
  const { terminal } = context;
  const root = new Command("tidegate").description("A real-time messaging gateway.");
  root.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  return serveCommand(root, context);
}
