import { type Options, type RunningServer, startServer } from "@tidegate/server";
import { pages } from "@tidegate/web";
import { type Command, CommanderError } from "commander";
import type { ConfigFlags } from "../config/source.ts";
import type { Context } from "../context.ts";
import { addServerFlags, CONFIG_FLAG, serveHelp, serveHelpAll } from "../serve/flags.ts";
import { banner } from "../serve/banner.ts";
import { readOptions } from "../serve/options.ts";
import { tryListen } from "../doctor/try-listen.ts";
import { CliError, textOf } from "../exit.ts";

export function serveCommand(root: Command, context: Context): void {
  const command = root
    .command("serve")
    .description("start the server")
    .usage("[options]")
    .option(...CONFIG_FLAG);
  addServerFlags(command);
  command.option("--help-all").on("option:help-all", () => helpAll(context));
  command.configureHelp({ formatHelp: () => serveHelp() });
  command.action(async (flags: ConfigFlags) => serve(flags, context));
}

/** Like --help: prints, and does nothing else. */
function helpAll({ terminal }: Context): never {
  void terminal.out(serveHelpAll());
  throw new CommanderError(0, "commander.help", "help");
}

async function serve(flags: ConfigFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const options = readOptions(flags, terminal);
  const early = new EarlyStop();
  let stop = (signal: NodeJS.Signals): void => early.stop(signal);
  terminal.onSignal((signal) => stop(signal));
  const server = await start(options);
  stop = (signal) => server.stop(signal);
  early.handOver(stop);
  if (terminal.outIsTty) await terminal.out(banner(options, server));
  const code = await server.ended;
  // What still runs belongs to connections that would not go: the server has ended.
  process.exit(code);
}

/** Milliseconds that a start goes on once it was told to stop. It may wait for NATS much longer, and nobody is served yet. */
const PATIENCE = 1000;

/** A signal that comes while the server starts: an orderly end if the start is over soon, else an end at once. */
class EarlyStop {
  #signal: NodeJS.Signals | undefined = undefined;
  #timer: Timer | undefined = undefined;

  stop(signal: NodeJS.Signals): void {
    this.#signal ??= signal;
    this.#timer ??= setTimeout(() => process.exit(0), PATIENCE);
  }

  /** The server runs: it is for it to stop. */
  handOver(stop: (signal: NodeJS.Signals) => void): void {
    clearTimeout(this.#timer);
    if (this.#signal !== undefined) stop(this.#signal);
  }
}

async function start(options: Options): Promise<RunningServer> {
  const { host, port } = options.http;
  // Before the data directory is opened: a second server of the same one should hear of the port, which it can change.
  if (port !== 0 && tryListen(host, port) === "EADDRINUSE") throw new CliError(inUse(options));
  try {
    return await startServer(options, pages);
  } catch (error) {
    if (isInUse(error)) throw new CliError(inUse(options));
    throw new CliError(`the server cannot start: ${textOf(error)}`);
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function inUse({ http: { host, port } }: Options): string {
  return `${host}:${port} is in use by another program. See which one with: tidegate doctor --http-port ${port}\nTake another port with: tidegate serve --http-port ${port + 1}`;
}
