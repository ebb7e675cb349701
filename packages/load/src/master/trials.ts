import { errorCount } from "../figures/totals.ts";
import { Histogram } from "../measure/histogram.ts";
import type { SearchResult, Trial } from "../result/types.ts";
import type { Scenario, SearchSpec } from "../scenario-file/table.ts";
import { AHEAD, type Conductor } from "./conductor.ts";
import type { Recorder } from "./recorder.ts";
import { searchRate, trialOf } from "./search.ts";

export interface TrialsOptions {
  readonly scenario: Scenario;
  readonly conductor: Conductor;
  readonly recorder: Recorder;
  /** Microseconds of the run's clock. */
  readonly micros: () => number;
}

/** The trials of a search: each loads the connections that stand with one rate, and is a phase of the run. */
export class Trials {
  readonly #options: TrialsOptions;
  /** The rate at a full load. */
  readonly #fullRate: number;
  /** Deliveries lost before the trial that goes on: the agents count them over the whole run. */
  #lost = 0;

  constructor(options: TrialsOptions) {
    this.#options = options;
    const { populations } = options.scenario;
    this.#fullRate = populations.reduce((sum, { publish }) => sum + (publish?.rate ?? 0), 0);
  }

  search(spec: SearchSpec): Promise<SearchResult> {
    return searchRate(
      spec,
      (rate, name) => this.#try(rate, name, spec),
      () => this.#options.conductor.stopped,
    );
  }

  async #try(rate: number, name: string, spec: SearchSpec): Promise<Trial> {
    const { conductor, micros, scenario } = this.#options;
    const at = micros() + AHEAD;
    const load = rate / this.#fullRate;
    const errorsBefore = this.#errors();
    const phase = conductor.begin({ name, kind: "trial", load, at, over: spec.trial });
    conductor.load(load, at);
    await conductor.wait(at + spec.trial * 1000);
    const { correctness, latency } = await conductor.drain(scenario.drain);
    conductor.end(phase);
    const lostNow = correctness.reduce((sum, { lost }) => sum + lost, 0);
    const lost = lostNow - this.#lost;
    this.#lost = lostNow;
    const failed = this.#errors() - errorsBefore;
    const figures = { rate, latency: Histogram.of(latency), lost, expected: latency.count + lost, failed };
    return trialOf(figures, spec);
  }

  #errors(): number {
    return errorCount(this.#options.recorder.totals().errors);
  }
}
