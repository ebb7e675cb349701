import type { Clock } from "../../clock.ts";
import type { Log } from "../../log/log.ts";
import type { Services } from "../../session/services.ts";

export interface ReadinessReport {
  readonly ready: boolean;
  /** `ok`, or what is wrong, by name. Details are in the log: probes are answered to everybody. */
  readonly checks: Readonly<Record<string, string>>;
}

interface Probed {
  readonly log: Pick<Log, "durability" | "probe">;
}

/** Milliseconds that a log has to answer, and for which its answer is believed. */
const PATIENCE = 1000;
const FRESH = 250;

/** Whether the node can do its work. Many who ask at once cost one round through the logs. */
export class Readiness {
  readonly #services: Pick<Services, "clock" | "logger" | "isStopping">;
  readonly #streams: readonly Probed[];
  #last: { readonly at: number; readonly report: Promise<ReadinessReport> } | undefined = undefined;

  constructor(services: Pick<Services, "clock" | "logger" | "isStopping">, streams: readonly Probed[]) {
    this.#services = services;
    this.#streams = streams;
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
      this.#streams.map(async ({ log }) => [`log.${log.durability}`, await this.#probe(log)] as const),
    );
    return { ready: checks.every(([, result]) => result === "ok"), checks: Object.fromEntries(checks) };
  }

  async #probe(log: Probed["log"]): Promise<string> {
    try {
      return await within(this.#services.clock, PATIENCE, log.probe());
    } catch (error) {
      this.#services.logger.warn({ err: error, durability: log.durability }, "a log does not answer its probe");
      return "unavailable";
    }
  }
}

function within(clock: Clock, ms: number, work: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(`no answer within ${ms} ms`));
    work.then(() => resolve("ok"), reject).finally(cancel);
  });
}
