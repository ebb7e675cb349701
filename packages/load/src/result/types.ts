import type { HistogramData } from "../measure/histogram-data.ts";

/**
 * What one run of `tidegate load` measured: the file of `--json`, and what the HTML report, the comparison and the
 * terminal are made from. Times of the series are seconds since the start of the run; latencies are microseconds.
 */
export interface RunResult {
  /** Changes when a reader of the file would misread it. */
  readonly version: 1;
  readonly meta: Meta;
  readonly phases: readonly PhaseResult[];
  /** One entry for each second, in order. */
  readonly series: readonly Second[];
  readonly totals: Totals;
  /** One entry for each population that subscribes. */
  readonly correctness: readonly Correctness[];
  readonly search?: SearchResult;
  readonly verdict: Verdict;
  /** What a reader must know to judge the figures: where the tool itself was the limit, and what was not measured. */
  readonly notes: readonly Note[];
}

export interface Meta {
  readonly name: string;
  readonly about?: string;
  /** ISO 8601, of the start. */
  readonly date: string;
  /** Version of Tidegate that made the load. */
  readonly tool: string;
  /** Seconds from the first connection to the end of the last phase. */
  readonly seconds: number;
  readonly target: { readonly protocol: string; readonly urls: readonly string[] };
  /** Cores, memory, kernel of the machine of the master. Nothing that names it. */
  readonly machine: Readonly<Record<string, string>>;
  readonly agents: number;
  readonly populations: readonly PopulationMeta[];
  /** Text of the scenario in force, with --set applied and secrets left out, as JSON. */
  readonly scenario: unknown;
  /** Ctrl-C: the run ended before its phases did. */
  readonly interrupted: boolean;
}

export interface PopulationMeta {
  readonly name: string;
  readonly protocol: string;
  readonly connections: number;
  readonly topics: number;
  /** Messages a second that it is to publish at a load of 100 %; absent if it publishes in a closed loop or not at all. */
  readonly rate?: number;
}

export interface PhaseResult {
  /** `ramp 1`, or the name that the scenario gives. */
  readonly name: string;
  readonly kind: "ramp" | "hold" | "storm" | "down" | "trial" | "drain";
  /** Seconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  /** Share of the populations' rates that was asked for. */
  readonly load: number;
  /** Of the messages that were scheduled in this phase. */
  readonly latency: HistogramData;
}

/** What is counted of the clients of an agent, or of all. */
export interface Counts {
  /** Connections that came to stand: subscribed and ready. */
  readonly opened: number;
  /** Messages that were due, were written, were acknowledged, and deliveries that came. */
  readonly attempted: number;
  readonly sent: number;
  readonly acked: number;
  readonly delivered: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Kind of error and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the scheduled moment of a message to each of its deliveries that came meanwhile. */
  readonly latency: HistogramData;
  /** From the scheduled moment to the acknowledgement. */
  readonly ack: HistogramData;
  /** From the scheduled moment of a connection until it was ready. */
  readonly connect: HistogramData;
}

/** Counts of one second, over all agents. */
export interface Second extends Counts {
  /** Second since the start: this entry is about `t` to `t + 1`. */
  readonly t: number;
  /** Connections that were open at its end, and those that should have been. */
  readonly connections: number;
  readonly wanted: number;
  /** Absent where the server is not local and gives no metrics. */
  readonly server?: ServerSample;
  readonly agents: readonly AgentSample[];
}

export interface ServerSample {
  /** Share of one core: 1.5 is one and a half cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
}

export interface AgentSample {
  readonly cpu: number;
  readonly rss: number;
  /** Milliseconds by which its event loop was late, at worst. */
  readonly lag: number;
  /** Milliseconds by which messages left after their scheduled moment: 99 % of them at most this. */
  readonly late: number;
  readonly descriptors: number;
  readonly connections: number;
}

/** Counts of the whole run. */
export interface Totals extends Counts {
  /** Some of the errors in words. */
  readonly examples: readonly string[];
  /** Highest deliveries of one second. */
  readonly peakDelivered: number;
  readonly peakConnections: number;
}

/** How the subscriptions of one population fared. */
export interface Correctness {
  readonly population: string;
  readonly protocol: string;
  readonly subscriptions: number;
  /** Deliveries that were due as far as it can be told, and those that came as they should. */
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly repeated: number;
  /** Came after a later message of the same publisher. */
  readonly reordered: number;
  /** Took longer than `limits.delayedAfter`. */
  readonly delayed: number;
  /** Of a topic or publisher that the subscription is not of. */
  readonly foreign: number;
  /** Microseconds. */
  readonly maxLatency: number;
  /** Some of what was wrong, in words. */
  readonly examples: readonly string[];
}

export interface SearchResult {
  /** Highest rate of messages a second that met the goal in all its trials; 0 if none did. */
  readonly rate: number;
  readonly goal: { readonly p99: number; readonly loss: number };
  readonly trials: readonly Trial[];
}

export interface Trial {
  readonly rate: number;
  readonly kept: boolean;
  /** Microseconds. */
  readonly p99: number;
  readonly lost: number;
  /** Why it was not kept. */
  readonly reason?: string;
}

export interface Verdict {
  readonly passed: boolean;
  /** Each limit that was not kept, as a sentence with its figures. Empty if it passed. */
  readonly reasons: readonly string[];
}

export interface Note {
  /** `bottleneck`: the tool was the limit, rates and latencies are its own. */
  readonly kind: "bottleneck" | "hint";
  readonly text: string;
}
