import { Histogram } from "../measure/histogram.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import { EMPTY_HISTOGRAM } from "../measure/histogram-data.ts";
import type { Correctness, PhaseResult, Second } from "../result/types.ts";

export type PlannedPhase = Omit<PhaseResult, "latency">;

/** What is known before the run begins. */
export interface ProgressPlan {
  readonly name: string;
  /** Protocol and address, for people. */
  readonly target: string;
  /** In order. A search does not know its trials before: then only those that are known. */
  readonly phases: readonly PlannedPhase[];
}

/** What one look at a running load shows. */
export interface ProgressView {
  readonly plan: ProgressPlan;
  /** Seconds since the start; below 0 before it. */
  readonly elapsed: number;
  readonly phase: PlannedPhase | undefined;
  /** The last whole second; undefined in the first. */
  readonly last: Second | undefined;
  /** Over the whole run. */
  readonly latency: HistogramData;
  readonly errors: Readonly<Record<string, number>>;
  readonly correctness: readonly Correctness[];
}

/** Gathers what a run tells each second. */
export class ProgressState {
  readonly #plan: ProgressPlan;
  readonly #latency = new Histogram();
  readonly #errors = new Map<string, number>();
  #last: Second | undefined;
  #phase: PlannedPhase | undefined;
  #correctness: readonly Correctness[] = [];

  constructor(plan: ProgressPlan) {
    this.#plan = plan;
  }

  second(second: Second): void {
    this.#last = second;
    this.#latency.add(Histogram.of(second.latency));
    for (const [kind, n] of Object.entries(second.errors)) this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + n);
  }

  /** A phase that was not planned: a trial of a search, or the wait at the end. It is shown until its end. */
  phase(phase: PlannedPhase): void {
    this.#phase = phase;
  }

  /** All counts from the start until now. */
  correctness(counts: readonly Correctness[]): void {
    this.#correctness = counts;
  }

  view(elapsed: number): ProgressView {
    return {
      plan: this.#plan,
      elapsed,
      phase: this.#phaseAt(elapsed),
      last: this.#last,
      latency: this.#latency.count === 0 ? EMPTY_HISTOGRAM : this.#latency.toData(),
      errors: Object.fromEntries(this.#errors),
      correctness: this.#correctness,
    };
  }

  #phaseAt(elapsed: number): PlannedPhase | undefined {
    const told = this.#phase;
    if (told !== undefined && elapsed < told.to) return told;
    const { phases } = this.#plan;
    return phases.find(({ to }) => elapsed < to) ?? told ?? phases.at(-1);
  }
}
