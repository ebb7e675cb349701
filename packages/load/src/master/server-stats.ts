import { readFileSync } from "node:fs";
import { cpuSeconds } from "../measure/process-stats.ts";
import type { ServerSample } from "../result/types.ts";
import type { Target } from "../scenario-file/table.ts";

interface Reading {
  /** Milliseconds. */
  readonly at: number;
  readonly cpu: number;
  readonly rss: number;
}

/** CPU and memory of the server, from its process if it is local, else from its metrics. */
export class ServerStats {
  readonly #target: Target;
  readonly #now: () => number;
  #last: Reading | undefined;
  #sample: ServerSample | undefined;

  constructor(target: Target, now: () => number) {
    this.#target = target;
    this.#now = now;
  }

  /** Of the time since the last call; undefined where nothing can be read. */
  sample(): ServerSample | undefined {
    if (this.#target.pid !== undefined) this.#took(fromProcess(this.#target.pid, this.#now()));
    else if (this.#target.metrics !== undefined) void this.#fetch(this.#target.metrics);
    return this.#sample;
  }

  async #fetch(url: string): Promise<void> {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(900) });
      this.#took(fromMetrics(await answer.text(), this.#now()));
    } catch {
      // A server under load may not answer; the next second asks again.
    }
  }

  #took(reading: Reading | undefined): void {
    const last = this.#last;
    this.#last = reading;
    if (reading === undefined || last === undefined || reading.at <= last.at) return;
    this.#sample = { cpu: (reading.cpu - last.cpu) / ((reading.at - last.at) / 1000), rss: reading.rss };
  }
}

function fromProcess(pid: number, at: number): Reading | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return { at, cpu: cpuSeconds(pid), rss: pages * 4096 };
  } catch {
    return undefined;
  }
}

/** The names are those of every Prometheus client library. */
function fromMetrics(text: string, at: number): Reading | undefined {
  const value = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.eE+-]+)`, "m").exec(text)?.[1]);
  const cpu = value("process_cpu_seconds_total");
  const rss = value("process_resident_memory_bytes");
  return Number.isFinite(cpu) && Number.isFinite(rss) ? { at, cpu, rss } : undefined;
}
