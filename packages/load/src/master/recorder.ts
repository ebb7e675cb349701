import type { Report } from "../engine/orders.ts";
import { Histogram } from "../measure/histogram.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { Second, ServerSample, Totals } from "../result/types.ts";
import { mergeHistograms, sumCounts } from "./merge.ts";

type AgentSecond = Extract<Report, { readonly report: "second" }>;

const KEPT_EXAMPLES = 30;

/** Puts the seconds of all agents together, and sums them up. */
export class Recorder {
  readonly series: Second[] = [];
  onSecond: ((second: Second) => void) | undefined;
  readonly #agents: number;
  readonly #server: () => ServerSample | undefined;
  readonly #waiting = new Map<number, AgentSecond[]>();
  readonly #examples: string[] = [];
  readonly #latency = new Histogram();
  readonly #ack = new Histogram();
  readonly #connect = new Histogram();

  constructor(agents: number, server: () => ServerSample | undefined) {
    this.#agents = agents;
    this.#server = server;
  }

  take(second: AgentSecond): void {
    const list = this.#waiting.get(second.t) ?? [];
    list.push(second);
    this.#waiting.set(second.t, list);
    if (list.length >= this.#agents) this.#emit(second.t);
  }

  /** What only some agents have told. */
  flush(): void {
    for (const t of [...this.#waiting.keys()].toSorted((a, b) => a - b)) this.#emit(t);
  }

  totals(): Totals {
    const most = (key: "delivered" | "connections"): number =>
      this.series.reduce((highest, second) => Math.max(highest, second[key]), 0);
    return {
      ...sumCounts(this.series),
      examples: this.#examples,
      peakDelivered: most("delivered"),
      peakConnections: most("connections"),
      latency: this.#latency.toData(),
      ack: this.#ack.toData(),
      connect: this.#connect.toData(),
    };
  }

  #emit(t: number): void {
    const seconds = this.#waiting.get(t) ?? [];
    this.#waiting.delete(t);
    const server = this.#server();
    const second = { ...mergeSeconds(t, seconds), ...(server === undefined ? {} : { server }) };
    for (const { counters } of seconds)
      this.#examples.push(...counters.examples.slice(0, KEPT_EXAMPLES - this.#examples.length));
    this.#latency.add(Histogram.of(second.latency));
    this.#ack.add(Histogram.of(second.ack));
    this.#connect.add(Histogram.of(second.connect));
    this.series.push(second);
    this.onSecond?.(second);
  }
}

function mergeSeconds(t: number, seconds: readonly AgentSecond[]): Second {
  const counters = seconds.map((each) => each.counters);
  const histogram = (key: "latency" | "ack" | "connect"): HistogramData =>
    mergeHistograms(counters.map((each) => each[key]));
  return {
    t,
    connections: seconds.reduce((total, each) => total + each.connections, 0),
    wanted: seconds.reduce((total, each) => total + each.wanted, 0),
    ...sumCounts(counters),
    latency: histogram("latency"),
    ack: histogram("ack"),
    connect: histogram("connect"),
    agents: seconds.map(({ sample }) => sample),
  };
}
