import { configFile, flagSpecs, loadWithOrigins, type Options, startServer } from "@tidegate/server";
import { type Command, Option } from "commander";
import type { Context } from "../program.ts";

interface ServeFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
}

export function serveCommand(root: Command, context: Context): Command {
  const command = root.command("serve").description("Start the server.");
  command.option("--config <file>", "configuration file (TIDEGATE_CONFIG, else tidegate.yaml if it is there)");
  for (const { flags, description } of flagSpecs()) command.addOption(new Option(flags, description));
  command.action(async (flags: ServeFlags) => context.exit(await serve(flags, context)));
  return root;
}

async function serve(flags: ServeFlags, context: Context): Promise<number> {
  const server = await startServer(readOptions(flags, context));
  const stop = (signal: NodeJS.Signals): void => server.stop(signal);
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const code = await server.ended;
  // What still runs belongs to connections that would not go: the server has ended.
  process.exit(code);
}

function readOptions({ config, ...flags }: ServeFlags, { terminal }: Context): Options {
  const file = configFile({ flag: config, env: terminal.env, cwd: terminal.cwd });
  const { options, rows } = loadWithOrigins({ file, env: terminal.env, flags });
  const pretty = rows.find(({ path }) => path === "observe.logPretty")?.origin.source === "default";
  if (!pretty || !terminal.errIsTty) return options;
  return { ...options, observe: { ...options.observe, logPretty: true } };
}
