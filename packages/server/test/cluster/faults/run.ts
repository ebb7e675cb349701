import { parseArgs } from "node:util";
import { NO_NATS } from "../../../../../scripts/cluster/words.ts";
import { BARS } from "./bars.ts";
import { NATS } from "./stand.ts";

const NAMES = Object.keys(BARS);

const HELP = `npm run cluster:faults -- [options]

  --part <names>  only these, separated by commas: ${NAMES.join(", ")}
  --small         as CI runs them

Three gateways on one NATS under load, and what happens to them. Prints figures; ends with 1 if something did not hold.`;

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    small: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help === true) console.log(HELP);
else process.exit(await main(values.part?.split(",") ?? NAMES));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return (console.error(`There is no part "${unknown}".\n\n${HELP}`), 1);
  if (NATS === undefined) return (console.error(NO_NATS), 1);
  let failed = 0;
  for (const name of names) if (!(await held(name))) failed += 1;
  return failed === 0 ? 0 : 1;
}

async function held(name: string): Promise<boolean> {
  console.log(`\n${name}`);
  const verdict = await BARS[name]?.(values.small ? "small" : "whole", (line) => console.log(`  ${line}`));
  for (const figure of verdict?.figures ?? []) console.log(`  = ${figure}`);
  for (const failure of verdict?.failures ?? []) console.log(`  FAILED: ${failure}`);
  return verdict?.failures.length === 0;
}
