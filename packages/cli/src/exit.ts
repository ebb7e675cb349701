import { OptionsError } from "@tidegate/server";
import { CommanderError } from "commander";
import type { Terminal } from "./terminal.ts";

/** What the exit codes mean; docs/spec/cli.md has the same table. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** An error that the person at the keyboard can act on: shown as its message alone. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

/** Says what went wrong, in sentences, and gives the exit code. */
export function report(error: unknown, terminal: Pick<Terminal, "err">): number {
  // commander has written its message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  terminal.err(`tidegate: ${messageOf(error)}\n`);
  if (error instanceof OptionsError) return EXIT.usage;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}

function messageOf(error: unknown): string {
  if (error instanceof OptionsError)
    return error.faults.length === 1
      ? `the configuration is not valid: ${error.message}`
      : `the configuration is not valid:\n${error.faults.map((fault) => `  ${fault}`).join("\n")}`;
  return error instanceof Error ? error.message : String(error);
}
