import { systemClock } from "@tidegate/server";
import { report } from "./exit.ts";
import { program } from "./program.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal();
const code = await run(process.argv.length > 2 ? process.argv.slice(2) : ["--help"]);
await terminal.flush();
// Not by itself: a standard input that is still open, or a connection, would keep it alive.
process.exit(code);

async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  try {
    const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
    const exit = (given: number) => (code = given);
    await program({ terminal, clock: systemClock, fetch, random, exit }).parseAsync(args, { from: "user" });
  } catch (error) {
    return report(error, terminal);
  }
  return code;
}
