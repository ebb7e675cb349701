import { join } from "node:path";
import { parseArgs } from "node:util";
import { allSteps } from "./check/steps.ts";
import type { Step } from "./check/step.ts";

const root = join(import.meta.dir, "..");
const steps = allSteps(root);

const HELP = `npm run check -- [--only <steps>] [--except <steps>]

  --only <steps>    only these: ${steps.map(({ name }) => name).join(", ")} (comma-separated)
  --except <steps>  all but these`;

const { values } = parseArgs({
  options: { only: { type: "string" }, except: { type: "string" }, help: { type: "boolean", short: "h" } },
});

process.chdir(root);
if (values.help === true) console.log(HELP);
else process.exitCode = await main(chosen());

/** All at once: most of them wait for one core, or for a file. */
async function main(wanted: readonly Step[]): Promise<number> {
  const results = await Promise.all(wanted.map(perform));
  return results.every((ok) => ok) ? 0 : 1;
}

async function perform(step: Step): Promise<boolean> {
  const start = performance.now();
  const { ok, summary, output } = await step.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  console.log(`${ok ? "ok  " : "FAIL"} ${step.name.padEnd(10)} ${seconds} s  ${summary ?? ""}`.trimEnd());
  if (!ok) console.log(`${output}\n`);
  return ok;
}

function chosen(): readonly Step[] {
  const only = namesOf(values.only) ?? steps.map(({ name }) => name);
  const except = namesOf(values.except) ?? [];
  return steps.filter(({ name }) => only.includes(name) && !except.includes(name));
}

function namesOf(list: string | undefined): readonly string[] | undefined {
  const names = list?.split(",");
  const unknown = names?.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) throw new Error(`no step "${unknown}"\n\n${HELP}`);
  return names;
}
