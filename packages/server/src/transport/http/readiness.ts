import type { Clock } from "../../clock.ts";
import type { Bus } from "../../cluster/bus.ts";
import type { Log } from "../../log/log.ts";
import type { Services } from "../../session/services.ts";

export interface ReadinessReport {
  readonly ready: boolean;
  /** `ok`, or what is wrong, by name. Details are in the log: probes are answered to everybody. */
  readonly checks: Readonly<Record<string, string>>;
}

interface Probed {
  readonly shard?: number | undefined;
  readonly log: Pick<Log, "durability" | "probe">;
}

interface Probe {
  readonly name: string;
  readonly make: () => Promise<void>;
}

/** Milliseconds that a log has to answer, and for which its answer is believed. */
const PATIENCE = 1000;
const FRESH = 250;

/** Whether the node can do its work. Many who ask at once cost one round through the logs. */
export class Readiness {
  readonly #services: Pick<Services, "clock" | "logger" | "isStopping">;
  readonly #probes: readonly Probe[];
  /** Names of the probes that failed last time: balancers ask often, and each fault is logged once. */
  readonly #failing = new Set<string>();
  #last: { readonly at: number; readonly report: Promise<ReadinessReport> } | undefined = undefined;

  /** `bus`: of a gateway in a cluster. */
  constructor(
    services: Pick<Services, "clock" | "logger" | "isStopping">,
    streams: readonly Probed[],
    bus?: Pick<Bus, "probe">,
  ) {
    this.#services = services;
    const logs = streams.map((stream): Probe => ({ name: nameOf(stream), make: () => stream.log.probe() }));
    this.#probes = bus === undefined ? logs : [...logs, { name: "bus", make: () => bus.probe() }];
  }

  async report(): Promise<ReadinessReport> {
    const now = this.#services.clock.now();
    if (this.#last === undefined || now - this.#last.at >= FRESH) this.#last = { at: now, report: this.#probeAll() };
    const { ready, checks } = await this.#last.report;
    // Known without a probe, and it must show at once.
    return this.#services.isStopping() ? { ready: false, checks: { ...checks, node: "draining" } } : { ready, checks };
  }

  async #probeAll(): Promise<ReadinessReport> {
    const checks = await Promise.all(
      this.#probes.map(async (probe) => [probe.name, await this.#probe(probe)] as const),
    );
    return { ready: checks.every(([, result]) => result === "ok"), checks: Object.fromEntries(checks) };
  }

  async #probe({ name, make }: Probe): Promise<string> {
    try {
      const result = await within(this.#services.clock, PATIENCE, make());
      if (result !== "ok") this.#failed(name, { why: result });
      else if (this.#failing.delete(name)) this.#services.logger.info({ check: name }, "the probe is answered again");
      return result;
    } catch (error) {
      this.#failed(name, { err: error });
      return "unavailable";
    }
  }

  #failed(name: string, fault: { readonly err: unknown } | { readonly why: string }): void {
    if (this.#failing.has(name)) return;
    this.#failing.add(name);
    this.#services.logger.warn({ ...fault, check: name }, "a probe fails: this node is not ready");
  }
}

function nameOf({ log: { durability }, shard }: Probed): string {
  return shard === undefined ? `log.${durability}` : `log.${durability}.${shard}`;
}

function within(clock: Clock, ms: number, work: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(`no answer within ${ms} ms`));
    work.then(() => resolve("ok"), reject).finally(cancel);
  });
}
