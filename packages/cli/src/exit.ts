import { OptionsError } from "@tidegate/server";
import { CommanderError } from "commander";
import type { Terminal } from "./terminal.ts";

/** What the exit codes mean; docs/spec/cli.md and the help say the same. */
export const EXIT = {
  ok: 0,
  /** It did not work; the message says why. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** No server answers at the address. */
  noServer: 3,
  /** The server does not accept the token, or the token does not allow it. */
  notAllowed: 4,
} as const;

/** An error that the person at the keyboard can act on: shown as its message alone. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

/** A command line that cannot be carried out. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage);
}

/** Says what went wrong, in sentences, and gives the exit code. */
export function report(error: unknown, terminal: Pick<Terminal, "err">): number {
  // commander has written its message, or the help, already.
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
  return textOf(error);
}

/** The text of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
