import type { ConfigFlags } from "../config/source.ts";
import type { Context } from "../context.ts";
import { startClockCheck } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import type { DiskSpeed } from "./disk-speed.ts";
import type { Finding } from "./finding.ts";
import { checkKernel } from "./kernel.ts";
import { checkFileLimits } from "./limits.ts";
import { checkMemory } from "./memory.ts";
import { checkPort, type PortParts } from "./ports.ts";
import { checkBun } from "./program.ts";
import { checkRunning } from "./running.ts";
import { checkStorage } from "./storage.ts";
import type { System } from "./system.ts";

export interface DoctorParts {
  readonly context: Context;
  readonly system: System;
  readonly bunVersion: string;
  readonly tryListen: PortParts["tryListen"];
  readonly measureDisk: (place: string) => DiskSpeed;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic: () => number;
}

/** All checks, for what `tidegate serve` with the same flags would use. Changes nothing. */
export async function examine(flags: ConfigFlags, parts: DoctorParts): Promise<readonly Finding[]> {
  const { context, system, tryListen, measureDisk, monotonic } = parts;
  const clock = startClockCheck({ system, wall: () => context.clock.now(), monotonic });
  const { options, findings } = checkConfiguration(flags, context);
  const running = await checkRunning(options, context);
  return [
    ...findings,
    checkBun(parts.bunVersion),
    running.finding,
    checkPort(options, { system, running: running.state, tryListen }),
    ...checkFileLimits(options, system),
    ...checkKernel(options, system),
    ...checkStorage(options, { cwd: context.terminal.cwd, system, measure: measureDisk }),
    ...checkMemory(options, system),
    ...clock(),
  ];
}
