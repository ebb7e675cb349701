import { Command } from "commander";
import { configCommand } from "./commands/config.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { historyCommand } from "./commands/history.ts";
import { loadCommand } from "./commands/load/index.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { passwordCommand } from "./commands/password.ts";
import { publishCommand } from "./commands/publish.ts";
import { serveCommand } from "./commands/serve.ts";
import { subscribeCommand } from "./commands/subscribe.ts";
import { tokenCommand } from "./commands/token.ts";
import type { Context } from "./context.ts";
import { VERSION } from "./version.ts";

const COMMANDS = [
  serveCommand,
  publishCommand,
  subscribeCommand,
  historyCommand,
  nodesCommand,
  tokenCommand,
  passwordCommand,
  configCommand,
  doctorCommand,
  loadCommand,
];

/** The whole `tidegate` command. Throws a CommanderError where commander would end the process. */
export function program(context: Context): Command {
  const { terminal } = context;
  const root = new Command("tidegate")
    .description("Takes messages in by many protocols, stores them, delivers them in order.")
    .usage("<command> [options]")
    .version(VERSION, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .showHelpAfterError("Add --help to see how it goes.")
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(errorLine(text)),
    })
    .addHelpText("after", EPILOGUE);
  for (const command of COMMANDS) command(root, context);
  return root;
}

/** commander's two lines as one of ours: `tidegate: unknown command 'sevre' (did you mean serve?)`. */
function errorLine(text: string): string {
  const line = text.replace(/^error: /, "").replace(/\n\(Did you mean (.*)\?\)/, " (did you mean $1?)");
  return `tidegate: ${line.trimEnd()}\n`;
}

const EPILOGUE = `
Start a server, and talk to it from two other terminals:
  tidegate serve
  tidegate subscribe 'chat/#'
  tidegate publish chat/room_1 '{"text":"hello"}'

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 3 no server there, 4 not allowed.`;
