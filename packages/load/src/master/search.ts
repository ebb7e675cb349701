import type { Histogram } from "../measure/histogram.ts";
import type { SearchResult, Trial } from "../result/types.ts";
import type { SearchSpec } from "../scenario-file/table.ts";

/** Tries one rate of messages a second. */
export type TryRate = (rate: number, name: string) => Promise<Trial>;

/** How much faster each next rate is while all were kept. */
const STEP = 2;

/**
 * The highest rate that keeps the goal: doubles while it is kept, halves the distance to the first that was not, and
 * tries the result again. A rate that fails its confirmation is no result: the next lower one that was kept is tried.
 */
export async function searchRate(spec: SearchSpec, tryRate: TryRate, stopped: () => boolean): Promise<SearchResult> {
  const search = new Search(spec, tryRate, stopped);
  await search.bracket();
  await search.halve();
  await search.confirm();
  return { rate: search.low, goal: { p99: spec.p99 * 1000, loss: spec.loss }, trials: search.trials };
}

class Search {
  readonly trials: Trial[] = [];
  low = 0;
  readonly #spec: SearchSpec;
  readonly #try: TryRate;
  readonly #stopped: () => boolean;
  #high = Infinity;

  constructor(spec: SearchSpec, tryRate: TryRate, stopped: () => boolean) {
    this.#spec = spec;
    this.#try = tryRate;
    this.#stopped = stopped;
  }

  async bracket(): Promise<void> {
    const { from, to } = this.#spec;
    for (
      let rate = from;
      this.#high === Infinity && this.low < to && !this.#stopped();
      rate = Math.min(to, rate * STEP)
    )
      await this.#attempt(rate);
  }

  async halve(): Promise<void> {
    // Below the first rate there is no lower bound: 0 would never end it.
    const enough = (): number => Math.max(this.low, this.#spec.from / 1024) * (1 + this.#spec.precision);
    while (this.#high !== Infinity && this.#high > enough() && !this.#stopped())
      await this.#attempt((this.low + this.#high) / 2);
  }

  async confirm(): Promise<void> {
    for (let passed = 0; passed < this.#spec.confirm && this.low > 0 && !this.#stopped(); passed++) {
      const rate = this.low;
      if (await this.#attempt(rate)) continue;
      const lower = this.trials.filter((trial) => trial.kept && trial.rate < rate).map((trial) => trial.rate);
      this.low = Math.max(rate * (1 - this.#spec.precision), ...lower);
      passed = -1;
      // Each step down is one trial: far below all that was kept there is nothing to find.
      if (this.low < this.#spec.from / 1024) this.low = 0;
    }
  }

  async #attempt(rate: number): Promise<boolean> {
    const trial = await this.#try(rate, `trial ${this.trials.length + 1}`);
    this.trials.push(trial);
    if (trial.kept) this.low = Math.max(this.low, rate);
    else this.#high = Math.min(this.#high, rate);
    return trial.kept;
  }
}

export interface TrialFigures {
  readonly rate: number;
  readonly latency: Histogram;
  readonly lost: number;
  readonly expected: number;
  readonly failed: number;
}

export function trialOf({ rate, latency, lost, expected, failed }: TrialFigures, spec: SearchSpec): Trial {
  const p99 = latency.quantile(0.99);
  const reasons: string[] = [];
  if (latency.count === 0) reasons.push("nothing came");
  if (p99 > spec.p99 * 1000) reasons.push(`P99 of ${Math.round(p99 / 1000)} ms`);
  if (lost > spec.loss * expected) reasons.push(`${lost} of ${expected} lost`);
  if (failed > spec.loss * expected) reasons.push(`${failed} errors`);
  const reason = reasons.join(", ");
  return { rate, kept: reason === "", p99, lost, ...(reason === "" ? {} : { reason }) };
}
