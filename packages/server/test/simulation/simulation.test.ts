import { expect, test } from "bun:test";
import { runSeed } from "./run.ts";
import { report } from "./report.ts";

test("G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12 hold in every seed", () => {
  const seed = Number(process.env["SEED"] ?? 0);
  const seeds = seed > 0 ? [seed] : Array.from({ length: Number(process.env["SEEDS"] ?? 1000) }, (_, i) => i + 1);
  for (const each of seeds) {
    const failure = runSeed(each);
    if (failure !== undefined) throw new Error(report(failure));
  }
});

test("G20 a seed gives the same run each time", () => {
  for (const seed of [1, 2, 3]) expect(runSeed(seed)).toEqual(runSeed(seed));
});
