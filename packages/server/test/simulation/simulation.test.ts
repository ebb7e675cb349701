import { expect, test } from "bun:test";
import { join } from "node:path";
import { MUTANTS } from "./mutants.ts";
import { report } from "./report.ts";
import { runSeed } from "./run.ts";
import { KEPT_SEEDS } from "./seeds.ts";
import { shrink } from "./shrink.ts";

const ONE = Number(process.env["SEED"] ?? 0);
const SEEDS = Number(process.env["SEEDS"] ?? 1000);
/** Milliseconds. */
const LIMIT = Math.max(120_000, SEEDS * 60);

test.each(ONE > 0 ? [{ seed: ONE, fault: "SEED" }] : KEPT_SEEDS)("G22 seed $seed holds ($fault)", ({ seed }) => {
  const failure = runSeed(seed);
  if (failure !== undefined) throw new Error(report(failure));
});

test.skipIf(ONE > 0)(
  "G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12 hold in every seed",
  async () => {
    const sweep = Bun.spawn([process.execPath, "run", join(import.meta.dir, "sweep.ts"), `--to=${SEEDS}`], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const [output, code] = await Promise.all([new Response(sweep.stdout).text(), sweep.exited]);
    if (code !== 0) throw new Error(output);
  },
  LIMIT,
);

test("G20 a seed gives the same run each time", () => {
  const [dropping] = MUTANTS;
  for (let seed = 1; seed <= 5; seed++) {
    const failure = runSeed(seed, dropping?.faults);
    expect(failure).toEqual(runSeed(seed, dropping?.faults));
  }
});

test("G20 a failure comes with its seed, its steps and a smaller world", () => {
  const [dropping] = MUTANTS;
  const failure = runSeed(1, dropping?.faults);
  if (failure === undefined) throw new Error("the mutant was not found");
  const small = shrink(failure, dropping?.faults);
  expect(small.rule).toBe(failure.rule);
  expect(small.trace.length).toBeGreaterThan(5);
  expect(small.config.steps).toBeLessThan(failure.config.steps);
  expect(report(small)).toContain("SEED=1 npm test -- simulation");
});
