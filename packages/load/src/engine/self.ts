import { openDescriptors } from "../measure/process-stats.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { AgentSample } from "../result/types.ts";

/** What this agent costs, and how far it is behind: the reader must know when the tool is the limit. */
export class Self {
  readonly #micros: () => number;
  #lastCpu = process.cpuUsage();
  #lastAt: number;
  #lag = 0;
  #lastTick: number;

  constructor(micros: () => number) {
    this.#micros = micros;
    this.#lastAt = this.#lastTick = micros();
  }

  /** To be called each millisecond: a call that is late shows a busy event loop. */
  tick(now: number): void {
    this.#lag = Math.max(this.#lag, now - this.#lastTick);
    this.#lastTick = now;
  }

  sample(late: Histogram, connections: number): AgentSample {
    const now = this.#micros();
    const { user, system } = process.cpuUsage(this.#lastCpu);
    const cpu = (user + system) / Math.max(1, now - this.#lastAt);
    this.#lastCpu = process.cpuUsage();
    this.#lastAt = now;
    const lag = this.#lag / 1000;
    this.#lag = 0;
    const sample = { cpu, rss: process.memoryUsage.rss(), lag, late: late.quantile(0.99) / 1000, connections };
    late.clear();
    return { ...sample, descriptors: openDescriptors(process.pid) };
  }
}
