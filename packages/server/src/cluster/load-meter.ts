import type { Clock } from "../clock.ts";
import type { NodeLoad } from "./nodes.ts";

/** Where the figures are; counts are since the start. */
export interface LoadSources {
  readonly connections: () => number;
  readonly subscriptions: () => number;
  readonly published: () => number;
  readonly delivered: () => number;
  /** Microseconds of CPU time. */
  readonly cpu: () => number;
  /** Bytes. */
  readonly memory: () => number;
  /** Milliseconds, the worst since the last call. */
  readonly lag: () => number;
}

/** Turns counts into figures a second. */
export class LoadMeter {
  readonly #clock: Clock;
  readonly #sources: LoadSources;
  #at: number;
  #before: Counts;
  #load: NodeLoad;

  constructor(clock: Clock, sources: LoadSources) {
    this.#clock = clock;
    this.#sources = sources;
    this.#at = clock.now();
    this.#before = this.#counts();
    this.#load = this.#measure(this.#before, Infinity);
  }

  /** Rates since the last call; those of the last call if that was just now, since over a moment they would say nothing. */
  take(): NodeLoad {
    const now = this.#clock.now();
    const passed = now - this.#at;
    if (passed < SHORTEST) return { ...this.#load, ...this.#gauges() };
    const counts = this.#counts();
    this.#load = this.#measure(counts, passed);
    this.#at = now;
    this.#before = counts;
    return this.#load;
  }

  #counts(): Counts {
    const { published, delivered, cpu } = this.#sources;
    return { published: published(), delivered: delivered(), cpu: cpu() };
  }

  /** `passed` in milliseconds. */
  #measure({ published, delivered, cpu }: Counts, passed: number): NodeLoad {
    const rate = (after: number, before: number): number => rounded((1000 * (after - before)) / passed, 10);
    return {
      ...this.#gauges(),
      published: rate(published, this.#before.published),
      delivered: rate(delivered, this.#before.delivered),
      cpu: rounded((cpu - this.#before.cpu) / 1000 / passed, 1000),
      lag: rounded(this.#sources.lag(), 10),
    };
  }

  #gauges(): Pick<NodeLoad, "connections" | "subscriptions" | "memory"> {
    const { connections, subscriptions, memory } = this.#sources;
    return { connections: connections(), subscriptions: subscriptions(), memory: memory() };
  }
}

interface Counts {
  readonly published: number;
  readonly delivered: number;
  readonly cpu: number;
}

function rounded(value: number, parts: number): number {
  return Math.max(0, Math.round(value * parts) / parts);
}

/** Milliseconds. */
const SHORTEST = 500;
