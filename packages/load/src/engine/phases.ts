import { Histogram } from "../measure/histogram.ts";

/** Latencies by the phase in which a message was due: a message of a storm counts there, however late it comes. */
export class Phases {
  readonly #starts: number[] = [];
  readonly #histograms: Histogram[] = [];

  begin(at: number): void {
    this.#starts.push(at);
    this.#histograms.push(new Histogram());
  }

  /** Messages due before the first phase belong to it. */
  of(due: number): Histogram {
    let i = this.#starts.length - 1;
    while (i > 0 && this.#starts[i]! > due) i--;
    return this.#histograms[Math.max(0, i)]!;
  }

  get all(): readonly Histogram[] {
    return this.#histograms;
  }
}
