import { cpuSeconds, type Memory, memory } from "../../src/measure/process-stats.ts";
import type { Sample } from "../../src/report/series.ts";
import type { Second } from "../../src/result/types.ts";
import type { Fleet, Part } from "./fleet.ts";

/** What the processes had used when a second of the load was over. */
interface Reading {
  readonly t: number;
  /** Milliseconds. */
  readonly at: number;
  /** Seconds, one entry for each part. */
  readonly cpu: readonly number[];
  /** Of the agents together. */
  readonly agents: number;
}

/** CPU over a stretch of a run, and what was done with it. */
export interface Stretch {
  readonly seconds: number;
  readonly acked: number;
  readonly delivered: number;
  /** Seconds of CPU of each part, in their order. */
  readonly cpu: readonly number[];
  /** Seconds of CPU of all agents. */
  readonly agentCpu: number;
}

/** Looks at the processes of a fleet at the end of each second that the load tells. */
export class FleetWatch {
  readonly #parts: readonly Part[];
  readonly #now: () => number;
  readonly #readings: Reading[] = [];

  constructor(parts: readonly Part[], now: () => number) {
    this.#parts = parts;
    this.#now = now;
  }

  take({ t, agents }: Second): void {
    const before = this.#readings.at(-1)?.agents ?? 0;
    const used = agents.reduce((sum, { cpu }) => sum + cpu, 0);
    const cpu = this.#parts.map(({ pid }) => cpuSeconds(pid));
    this.#readings.push({ t, at: this.#now(), cpu, agents: before + used });
  }

  /** Of the whole seconds of the load between two moments of its clock. Throws if there is none. */
  stretch(series: readonly Second[], from: number, to: number): Stretch {
    const inside = this.#readings.filter(({ t }) => t + 1 >= from && t + 1 <= to);
    const [first, last] = [inside[0], inside.at(-1)];
    if (first === undefined || last === undefined || first === last)
      throw new Error(`no two seconds were seen between ${from} and ${to}`);
    const counted = series.filter(({ t }) => t > first.t && t <= last.t);
    const sum = (of: (second: Second) => number): number => counted.reduce((total, second) => total + of(second), 0);
    return {
      seconds: (last.at - first.at) / 1000,
      acked: sum(({ acked }) => acked),
      delivered: sum(({ delivered }) => delivered),
      cpu: last.cpu.map((seconds, part) => seconds - first.cpu[part]!),
      agentCpu: last.agents - first.agents,
    };
  }
}

/** Seconds of CPU of all parts. */
export function allCpu({ cpu }: Stretch): number {
  return cpu.reduce((sum, each) => sum + each, 0);
}

/** `cpu` is what all used, in percent of a core; `share of …` is what one of them used of that, in percent. */
export function cpuSample(stretch: Stretch, { parts }: Fleet): Sample {
  const all = allCpu(stretch);
  const shares = parts.map(({ name }, i) => [shareKey(name), (stretch.cpu[i]! / all) * 100] as const);
  return { cpu: (all / stretch.seconds) * 100, ...Object.fromEntries(shares) };
}

export function shareKey(part: string): string {
  return `share of ${part}`;
}

/** Of all these processes together. */
export function memoryOf(parts: readonly Part[]): Memory {
  const all = parts.map(({ pid }) => memory(pid));
  const sum = (key: keyof Memory): number => all.reduce((total, each) => total + each[key], 0);
  return { rss: sum("rss"), pss: sum("pss"), anonymous: sum("anonymous") };
}
