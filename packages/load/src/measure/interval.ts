import { cpuSeconds, machineCpuSeconds } from "./process-stats.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Tally } from "./tally.ts";

/** What was used and done up to a moment, or between two. */
interface Work {
  /** Seconds of CPU, user and system, all threads. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
  /** Of everything that ran on the machine. */
  readonly machineCpu: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
}

/** All counters at one moment. */
export interface Snapshot extends Work {
  readonly micros: number;
}

export function snapshot(
  serverPid: number,
  tally: Pick<Tally, "sent" | "acknowledged" | "delivered">,
  stopwatch: Stopwatch,
): Snapshot {
  const { sent, acknowledged, delivered } = tally;
  const { user, system } = process.cpuUsage();
  return {
    micros: stopwatch.micros(),
    serverCpu: cpuSeconds(serverPid),
    generatorCpu: (user + system) / 1e6,
    machineCpu: machineCpuSeconds(),
    sent,
    acknowledged,
    delivered,
  };
}

/** What happened between two moments. */
export interface Interval extends Work {
  readonly seconds: number;
}

export function between(a: Snapshot, b: Snapshot): Interval {
  return {
    seconds: (b.micros - a.micros) / 1e6,
    serverCpu: b.serverCpu - a.serverCpu,
    generatorCpu: b.generatorCpu - a.generatorCpu,
    machineCpu: b.machineCpu - a.machineCpu,
    sent: b.sent - a.sent,
    acknowledged: b.acknowledged - a.acknowledged,
    delivered: b.delivered - a.delivered,
  };
}
