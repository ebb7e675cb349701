/** Named numbers of one measurement. */
export type Sample = Readonly<Record<string, number>>;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Samples of several servers, one for each round. */
export class Series {
  readonly #samples = new Map<string, Sample[]>();

  add(server: string, sample: Sample): void {
    const samples = this.#samples.get(server);
    if (samples === undefined) this.#samples.set(server, [sample]);
    else samples.push(sample);
  }

  get servers(): readonly string[] {
    return [...this.#samples.keys()];
  }

  /** Undefined if the server was not measured. */
  spread(server: string, key: string): Spread | undefined {
    const values = this.#values(server, key);
    return values.length === 0 ? undefined : spreadOf(values);
  }

  /**
   * How many times the base's value each round had. Rounds are compared with themselves: what the machine did at that
   * time was done to both.
   */
  ratio(server: string, base: string, key: string): Spread | undefined {
    const ratios = (this.#samples.get(server) ?? []).flatMap((sample, round) => {
      const [value, other] = [sample[key], this.sample(base, round)?.[key]];
      return value === undefined || other === undefined || other === 0 ? [] : [value / other];
    });
    return ratios.length === 0 ? undefined : spreadOf(ratios);
  }

  /** What was measured of a server in a round, counted from 0. */
  sample(server: string, round: number): Sample | undefined {
    return this.#samples.get(server)?.[round];
  }

  #values(server: string, key: string): number[] {
    // What could not be divided says nothing: an interval without a tick of CPU.
    return (this.#samples.get(server) ?? []).flatMap((sample) => sample[key] ?? []).filter(Number.isFinite);
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
