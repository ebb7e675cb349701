import { join } from "node:path";
import { parseArgs } from "node:util";
import { testsOf } from "./check/spec/tests.ts";
import { findChromium, HOW_TO_GET_CHROMIUM } from "./tests/chromium.ts";
import { add, NONE, sentence, type Counts } from "./tests/counts.ts";
import { filesOf, GROUPS, type Group } from "./tests/groups.ts";
import { runGroup } from "./tests/run-group.ts";

const HELP = `npm test -- [options] [part of a file's path …]

  --only <groups>     only these: ${GROUPS.map(({ name }) => name).join(", ")} (comma-separated)
  -t, --name <regex>  only tests whose names fit

All tests of the repository. Those in a browser are skipped without a Chromium, and fail then if CI=true.`;

const { values, positionals } = parseArgs({
  options: { only: { type: "string" }, name: { type: "string", short: "t" }, help: { type: "boolean", short: "h" } },
  allowPositionals: true,
});

const root = join(import.meta.dir, "..");

if (values.help === true) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const chromium = await findChromium(process.env);
  let total = NONE;
  for (const group of chosen()) {
    const files = await filesOf(group, root, positionals);
    if (files.length === 0) continue;
    console.log(`\n# ${group.name}: ${files.length} files`);
    total = add(
      total,
      group.needsBrowser && chromium === undefined ? await leaveOut(files) : await run(group, files, chromium),
    );
  }
  if (total.passed + total.failed + total.skipped === 0) console.log("No test fits.");
  console.log(`\n${sentence(total)}`);
  return total.failed > 0 || total.passed + total.skipped === 0 ? 1 : 0;
}

function chosen(): readonly Group[] {
  if (values.only === undefined) return GROUPS;
  const names = values.only.split(",");
  const unknown = names.find((name) => !GROUPS.some((group) => group.name === name));
  if (unknown !== undefined) throw new Error(`no group "${unknown}"\n\n${HELP}`);
  return GROUPS.filter(({ name }) => names.includes(name));
}

async function run(group: Group, files: readonly string[], chromium: string | undefined): Promise<Counts> {
  const env = { ...process.env, ...(chromium === undefined ? {} : { CHROMIUM: chromium }) };
  const { counts } = await runGroup({ group, files, root, namePattern: values.name, env, output: "inherit" });
  return counts;
}

/** Tests that cannot run here: skipped for a person, failed in CI, where nobody would see that they never run. */
async function leaveOut(files: readonly string[]): Promise<Counts> {
  let count = 0;
  for (const file of files) count += testsOf(file, await Bun.file(join(root, file)).text()).length;
  const inCi = process.env["CI"] === "true";
  console.log(`${inCi ? "FAILED" : "SKIPPED"} ${files.join(", ")}\n${HOW_TO_GET_CHROMIUM}`);
  return inCi ? { ...NONE, failed: count } : { ...NONE, skipped: count };
}
