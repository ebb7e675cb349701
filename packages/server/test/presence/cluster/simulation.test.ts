import { describe, test } from "bun:test";
import { World, type WorldOptions } from "./world.ts";

/** `PRESENCE_SEEDS` runs more of them, `PRESENCE_SEED` one. */
const SEEDS = Number(process.env["PRESENCE_SEEDS"] ?? 150);
const ONLY = process.env["PRESENCE_SEED"];
const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(ONLY)];

const FAULTS = { lost: 0.05, doubled: 0.05, delay: 200 };

async function run(options: WorldOptions): Promise<void> {
  const world = new World(options);
  try {
    await world.run();
    await world.expectTruth();
  } catch (error) {
    throw new Error(`seed ${options.seed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await world.dispose();
  }
}

describe("presence of a simulated cluster", () => {
  test("P40 P41 P44 P46 P50 with messages lost, doubled and late, and gateways killed, stopped and cut off, all end with the truth, and nobody joins twice or leaves unknown", async () => {
    for (const seed of seeds)
      await run({ seed, gateways: 4, steps: 120, faults: FAULTS, isRough: true, isAsked: false });
  }, 120_000);

  test("P12 P40 the same while members are asked for: what was told ends with the truth", async () => {
    for (const seed of seeds)
      await run({ seed, gateways: 4, steps: 120, faults: FAULTS, isRough: true, isAsked: true });
  }, 120_000);

  test("P40 on a good network too", async () => {
    for (const seed of seeds)
      await run({
        seed,
        gateways: 3,
        steps: 80,
        faults: { lost: 0, doubled: 0, delay: 5 },
        isRough: false,
        isAsked: false,
      });
  }, 120_000);
});
