import type { HistogramData } from "../measure/histogram-data.ts";
import type { AgentSample, Correctness } from "../result/types.ts";
import type { Scenario } from "../scenario-file/table.ts";
import type { CounterData } from "./counters.ts";

/** What the master tells an agent. Moments are microseconds of the run's clock, which is the master's. */
export type Order =
  | { readonly order: "clock"; readonly turn: number }
  /** `offset`: what the agent adds to its own clock. */
  | {
      readonly order: "prepare";
      readonly scenario: Scenario;
      readonly agent: number;
      readonly agents: number;
      readonly offset: number;
    }
  /** Members with numbers below their population's target are connected, the others closed, evenly over the time. */
  | { readonly order: "connect"; readonly targets: readonly number[]; readonly at: number; readonly over: number }
  /** Share of the populations' rates from the moment on. */
  | { readonly order: "load"; readonly share: number; readonly at: number }
  /** A share of the connections is cut at the moment, and comes back within `back`. */
  | { readonly order: "storm"; readonly drop: number; readonly at: number; readonly back: number }
  /** Messages due from the moment on belong to a new phase. */
  | { readonly order: "phase"; readonly at: number }
  /** Asks for `ready`. */
  | { readonly order: "ready" }
  /** Asks for `sent`. */
  | { readonly order: "sent" }
  /** What all streams have sent: asks for `outstanding`, and counts as lost what has not come if it is final. */
  | { readonly order: "judge"; readonly streams: readonly StreamSent[]; readonly final: boolean }
  | { readonly order: "close" };

/** Number of the stream, of its last message, and that one's due moment. */
export type StreamSent = readonly [stream: number, sent: number, last: number];

/** What an agent tells the master. */
export type Report =
  | { readonly report: "clock"; readonly turn: number; readonly micros: number }
  | { readonly report: "prepared" }
  | {
      readonly report: "second";
      readonly t: number;
      readonly connections: number;
      readonly wanted: number;
      readonly counters: CounterData;
      readonly sample: AgentSample;
    }
  | { readonly report: "ready"; readonly connections: number; readonly wanted: number }
  | { readonly report: "sent"; readonly streams: readonly StreamSent[]; readonly unanswered: number }
  /** `latency` is of the last phase. */
  | {
      readonly report: "outstanding";
      readonly count: number;
      readonly correctness: readonly Correctness[];
      readonly latency: HistogramData;
    }
  | { readonly report: "closed"; readonly phases: readonly HistogramData[] }
  | { readonly report: "failed"; readonly text: string };

/** One end of what joins a master and an agent. */
export interface Link<Out, In> {
  send(message: Out): void;
  onMessage: ((message: In) => void) | undefined;
  /** It broke, or the other side ended it. */
  onEnd: ((reason: string) => void) | undefined;
  close(): void;
}
