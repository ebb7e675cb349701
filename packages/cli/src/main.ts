import { report } from "./exit.ts";
import { program } from "./program.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal();
process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  try {
    await program({ terminal, exit: (given) => (code = given) }).parseAsync(args, { from: "user" });
  } catch (error) {
    return report(error, terminal);
  }
  return code;
}
