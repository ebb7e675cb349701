import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { report } from "./report.ts";
import { runSeed } from "./run.ts";
import { shrink } from "./shrink.ts";

/**
 * Runs many seeds, side by side: `sweep.ts --from 1 --to 100000`. Prints the first failure of each worker and ends with
 * 1 if there was one.
 */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    to: { type: "string", default: "1000" },
    step: { type: "string", default: "0" },
  },
});
const [from, to, step] = [Number(values.from), Number(values.to), Number(values.step)];

process.exitCode = step > 0 ? one() : await all();

/** Every `step`th seed from `from`, in this process. */
function one(): number {
  for (let seed = from; seed <= to; seed += step) {
    const failure = runSeed(seed);
    if (failure === undefined) continue;
    process.stdout.write(`${report(shrink(failure))}\n`);
    return 1;
  }
  return 0;
}

/** A process for each processor, two at most: others may be at work here. */
async function all(): Promise<number> {
  const workers = Math.min(2, availableParallelism());
  const children = Array.from({ length: workers }, (_, i) =>
    Bun.spawn([process.execPath, "run", import.meta.path, `--from=${from + i}`, `--to=${to}`, `--step=${workers}`], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    }),
  );
  const codes = await Promise.all(children.map((child) => child.exited));
  return Math.max(...codes);
}
