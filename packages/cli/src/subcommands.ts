import { nearest } from "@tidegate/protocol";
import type { Command } from "commander";
import { usageError } from "./exit.ts";

/**
 * For a command that does something by itself and has subcommands too: commander takes a misspelled one for an argument
 * too many.
 */
export function refuseUnknownSubcommand(command: Command): void {
  command.allowExcessArguments().hook("preAction", (_, acting) => {
    const [name] = acting.args;
    if (acting !== command || name === undefined) return;
    const known = command.commands.map((each) => each.name());
    const near = nearest(name, known);
    const hint = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
    throw usageError(`unknown command '${command.name()} ${name}' (${hint})`);
  });
}
