import type { GatewayProcess } from "../../../../../scripts/cluster/gateway-process.ts";
import { metricOf } from "./metric.ts";

interface Sample {
  /** Milliseconds of `performance.now()`, before and after the count was read: it is of some moment between. */
  readonly asked: number;
  readonly answered: number;
  readonly opened: number;
}

const INTERVAL = 200;

/** Watches how fast the gateways take new connections. A gateway that was started again counts from 0: each life is looked at by itself. */
export class Accepts {
  readonly #lives = new Map<string, Sample[]>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(gateways: readonly GatewayProcess[]) {
    this.#timer = setInterval(() => void Promise.all(gateways.map((each) => this.#look(each))), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The most that any gateway took in about a second. */
  get mostInASecond(): number {
    return Math.max(0, ...this.#all((one, other) => (other.asked - one.asked < 1100 ? other.opened - one.opened : 0)));
  }

  /** By how many connections a gateway passed its limit over any span of time, at most: at a rate and a burst it never should. */
  excess(rate: number, burst: number): number {
    return Math.max(
      0,
      ...this.#all((one, other) => other.opened - one.opened - burst - (rate * (other.answered - one.asked)) / 1000),
    );
  }

  *#all<T>(compare: (one: Sample, other: Sample) => T): Generator<T, void> {
    for (const samples of this.#lives.values())
      for (const [i, one] of samples.entries()) for (const other of samples.slice(i + 1)) yield compare(one, other);
  }

  async #look(gateway: GatewayProcess): Promise<void> {
    const { name, pid, url } = gateway;
    if (pid === undefined) return;
    const asked = performance.now();
    const opened = await metricOf(url, "tidegate_connections_opened_total");
    if (opened === undefined || gateway.pid !== pid) return;
    const life = `${name} ${pid}`;
    const samples = this.#lives.get(life) ?? [];
    this.#lives.set(life, samples);
    samples.push({ asked, answered: performance.now(), opened });
  }
}
