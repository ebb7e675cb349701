import type { Config } from "./config.ts";
import type { Faults } from "./node.ts";
import { run, type Failure } from "./run.ts";

/** Changes that make a world simpler; those first that take away most. */
const SIMPLER: readonly ((config: Config) => Partial<Config>)[] = [
  () => ({ sdkClients: 0 }),
  ({ bareClients }) => ({ bareClients: Math.max(1, bareClients - 1) }),
  () => ({ kills: false }),
  () => ({ losses: false }),
  () => ({ stalls: false }),
  () => ({ flood: 0 }),
  () => ({ crowd: 0 }),
  () => ({ tokenLife: 0 }),
  () => ({ filters: [] }),
  ({ log }) => ({ log: { ...log, failures: 0 } }),
  ({ log }) => ({ log: { ...log, slow: false, earlyReads: false } }),
  ({ steps }) => ({ steps: Math.floor(steps / 2) }),
  ({ steps }) => ({ steps: Math.floor(steps * 0.8) }),
];

/** A simpler world in which the same guarantee breaks, as far as single changes lead. Other chance follows from each. */
export function shrink(failure: Failure, faults: Faults = {}): Failure {
  for (const simpler of SIMPLER) {
    const config = { ...failure.config, ...simpler(failure.config) };
    if (JSON.stringify(config) === JSON.stringify(failure.config)) continue;
    const smaller = run(config, faults);
    if (smaller?.rule === failure.rule) return shrink(smaller, faults);
  }
  return failure;
}
