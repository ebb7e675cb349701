import { join } from "node:path";

/**
 * Every benchmark, each for a few seconds: whether they run, and figures to within a factor of two or so. `npm run bench:<name>`
 * measures one of them properly; only that writes the results that docs/benchmarks.md is made of.
 */
const BENCHES: readonly (readonly string[])[] = [
  ["packages/load/bench/micro.ts", "--quick", "--unsaved"],
  ["packages/load/bench/tool.ts", "--quick", "--unsaved"],
  ["packages/load/bench/echo.ts", "--rounds", "1", "--seconds", "1", "--unsaved"],
  ["packages/load/bench/chat.ts", "--rounds", "1", "--seconds", "1", "--unsaved"],
  ["packages/load/bench/acks.ts", "--rounds", "1", "--seconds", "1", "--unsaved"],
  ["packages/load/bench/broadcast.ts", "--rounds", "1", "--seconds", "1", "--subscribers", "2000", "--unsaved"],
  ["packages/load/bench/memory.ts", "--connections", "2000", "--returns", "1", "--unsaved"],
  ["packages/load/bench/mqtt.ts", "--quick", "--unsaved"],
  ["packages/load/bench/cluster.ts", "--quick", "--unsaved"],
];

process.chdir(join(import.meta.dir, ".."));
const failed: string[] = [];
for (const [file = "", ...flags] of BENCHES) {
  console.log(`\n# ${file}`);
  const child = Bun.spawn([process.execPath, file, ...flags], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) failed.push(file);
}
console.log(failed.length === 0 ? `\n${BENCHES.length} benchmarks ran.` : `\nFAILED: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
