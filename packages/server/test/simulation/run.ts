import { clusterOf, configOf, type Config } from "./config.ts";
import type { Faults } from "./node.ts";
import { rest } from "./rest.ts";
import { begin, step } from "./steps.ts";
import { Violation } from "./violation.ts";
import { World, type OpenLog } from "./world.ts";

export interface Failure {
  readonly config: Config;
  readonly rule: string;
  readonly message: string;
  readonly stack: string;
  readonly trace: readonly string[];
}

/** Runs one world to its end: undefined if every guarantee held. The same configuration gives the same run. */
export function run(config: Config, faults: Faults = {}, durable?: OpenLog): Failure | undefined {
  let world: World | undefined;
  try {
    world = new World(config, faults, durable);
    begin(world);
    for (let i = 0; i < config.steps; i++) step(world);
    rest(world);
    return undefined;
  } catch (error) {
    return failureOf(config, error, world?.trace ?? []);
  }
}

export function runSeed(seed: number, faults: Faults = {}): Failure | undefined {
  return run(configOf(seed), faults);
}

export function runCluster(seed: number, faults: Faults = {}): Failure | undefined {
  return run(clusterOf(seed), faults);
}

/** The last steps, and those before that name what the guarantee is about. */
function failureOf(config: Config, error: unknown, trace: readonly string[]): Failure {
  const violation = error instanceof Violation ? error : undefined;
  const subjects = violation?.subjects ?? [];
  const start = Math.max(0, trace.length - LAST);
  const before = trace.slice(0, start).filter((line) => subjects.some((subject) => line.includes(subject)));
  return {
    config,
    rule: violation?.rule ?? "none",
    message: (error as Error).message,
    stack: violation === undefined ? ((error as Error).stack ?? "") : "",
    trace: [...before.slice(-LAST), "…", ...trace.slice(start)],
  };
}

const LAST = 60;
