import { expect, test } from "bun:test";
import { CLUSTER_MUTANTS } from "./cluster-mutants.ts";
import { report } from "./report.ts";
import { runCluster } from "./run.ts";

const SEEDS = Number(process.env["SEEDS"] ?? 500);
/** Each mutant must be found by one of the first so many seeds. */
const MUTANT_SEEDS = 300;

test(
  "G1 G2 G3 G4 G5 G6 G7 G8 G9 G11 G12 D41 D42 hold for gateways that share logs by interest",
  () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const failure = runCluster(seed);
      if (failure !== undefined) throw new Error(report(failure));
    }
  },
  Math.max(120_000, SEEDS * 60),
);

test.each(CLUSTER_MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "G21 it is found if %s",
  (_, { faults }) => {
    let found = 1;
    while (found <= MUTANT_SEEDS && runCluster(found, faults) === undefined) found++;
    expect(found).toBeLessThanOrEqual(MUTANT_SEEDS);
  },
  60_000,
);
