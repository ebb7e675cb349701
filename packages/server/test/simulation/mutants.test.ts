import { expect, test } from "bun:test";
import { MUTANTS } from "./mutants.ts";
import { runSeed } from "./run.ts";

/** Each must be found by one of the first so many seeds. */
const SEEDS = 100;

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))("G21 it is found if %s", (_, { faults }) => {
  expect(firstBadSeed(faults)).toBeLessThanOrEqual(SEEDS);
});

function firstBadSeed(faults: (typeof MUTANTS)[number]["faults"]): number {
  for (let seed = 1; seed <= SEEDS; seed++) if (runSeed(seed, faults) !== undefined) return seed;
  return Infinity;
}
