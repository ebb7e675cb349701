import { CONFIG_NAME, describe, describeText, OptionsError, startupFault, startupNotice } from "@tidegate/server";
import type { Command } from "commander";
import { writeNewFile } from "../config/new-file.ts";
import { type ConfigFlags, loadHere } from "../config/source.ts";
import { fullTemplate, shortTemplate } from "../config/template.ts";
import type { Context } from "../context.ts";
import { addServerFlags, CONFIG_FLAG, leaveOutServerFlags } from "../serve/flags.ts";
import { refuseUnknownSubcommand } from "../subcommands.ts";
import { count } from "../text/numbers.ts";

interface ShowFlags extends ConfigFlags {
  readonly json?: true;
  readonly changed?: true;
}

export function configCommand(root: Command, context: Context): void {
  const command = root
    .command("config")
    .description("print, check or begin the configuration")
    .option(...CONFIG_FLAG)
    .option("--changed", "only what is not a default")
    .option("--json", "as JSON: name, value, from")
    .addHelpText("after", EXAMPLES);
  addServerFlags(command);
  leaveOutServerFlags(command);
  command.action((flags: ShowFlags) => show(flags, context));
  checkCommand(command, context);
  initCommand(command, context);
  refuseUnknownSubcommand(command);
}

function checkCommand(parent: Command, context: Context): void {
  parent
    .command("check <file>")
    .description("say whether tidegate serve would take this file")
    .action((file: string) => check(file, context));
}

function initCommand(parent: Command, context: Context): void {
  parent
    .command("init [file]")
    .description("write a commented tidegate.yaml; refuses to overwrite")
    .option("--all", "with every option, each at its default")
    .action((file: string | undefined, { all }: { readonly all?: true }) =>
      init(file ?? CONFIG_NAME, all === true, context),
    );
}

async function show({ json, changed, ...flags }: ShowFlags, context: Context): Promise<void> {
  const { rows } = loadHere(flags, context);
  const shown = { rows: changed ? rows.filter(({ origin }) => origin.source !== "default") : rows };
  if (json) return context.terminal.out(`${JSON.stringify(describe(shown), undefined, 2)}\n`);
  if (shown.rows.length === 0) return context.terminal.out("Everything is at its default.\n");
  return context.terminal.out(describeText(shown));
}

async function check(file: string, context: Context): Promise<void> {
  const { options, rows } = loadHere({ config: file }, context);
  const fault = startupFault(options);
  if (fault !== undefined) throw new OptionsError([fault]);
  const set = rows.filter(({ origin }) => origin.source === "file").length;
  const names = [...options.namespaces.keys()].join(", ");
  const others = rows.filter(({ origin }) => origin.source === "environment").map(({ origin }) => origin.place);
  await context.terminal.out(
    `${file} is valid: ${count(set, "value")} set${names === "" ? "" : `; namespaces: ${names}`}\n`,
  );
  if (others.length > 0) context.terminal.err(`Variables that win over it here: ${[...new Set(others)].join(", ")}\n`);
  const notice = startupNotice(options);
  if (notice !== undefined) context.terminal.err(`${notice}\n`);
}

async function init(file: string, all: boolean, context: Context): Promise<void> {
  writeNewFile(file, all ? fullTemplate() : shortTemplate(), context);
  const serve = file === CONFIG_NAME ? "tidegate serve" : `tidegate serve --config ${file}`;
  await context.terminal.out(`${file} is written. Start the server with: ${serve}\n`);
}

const EXAMPLES = `
Takes every flag of "tidegate serve", and prints what that would have in force: name, value, and where it came from.

  tidegate config --changed
  tidegate config init
  tidegate config check tidegate.yaml`;
