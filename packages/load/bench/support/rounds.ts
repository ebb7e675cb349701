import type { Interval } from "../../src/measure/interval.ts";
import type { Metric } from "../../src/report/result.ts";
import { Series, type Sample } from "../../src/report/series.ts";
import type { ClientOptions } from "../../src/client/client.ts";
import { Run } from "../../src/scenario/run.ts";
import { type Contestant, withServer } from "./contestants.ts";

export interface Rounds<C extends { readonly name: string }> {
  /** Goes before each line of progress. */
  readonly title: string;
  readonly contestants: readonly C[];
  readonly rounds: number;
  progress(text: string): void;
}

/** Measures every contestant in every round; each round begins with another one. */
export async function collect<C extends { readonly name: string }>(
  { title, contestants, rounds, progress }: Rounds<C>,
  measure: (contestant: C) => Promise<Sample>,
): Promise<Series> {
  const series = new Series();
  for (const [round, contestant] of alternated(contestants, rounds)) {
    const sample = await measure(contestant);
    series.add(contestant.name, sample);
    const figures = Object.entries(sample).map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`);
    progress(`${title}, round ${round + 1}, ${contestant.name}: ${figures.join(", ")}`);
  }
  return series;
}

function* alternated<C>(contestants: readonly C[], rounds: number): Generator<readonly [round: number, contestant: C]> {
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < contestants.length; i++) yield [round, contestants[(i + round) % contestants.length]!];
}

/** A fresh server with these clients. Throws `IncorrectDelivery`. */
export function withRun<T>(
  contestant: Contestant,
  clients: readonly ClientOptions[],
  payloadBytes: number,
  measure: (run: Run) => Promise<T>,
): Promise<T> {
  return withServer(contestant, async (target) => {
    const run = await Run.open(target, clients, payloadBytes);
    const result = await measure(run);
    await run.finish();
    return result;
  });
}

/**
 * Fresh servers that run side by side with these clients each, so that short measurements of them can take turns: what
 * else the machine does then meets all of them alike. Throws `IncorrectDelivery`.
 */
export async function withRuns<T>(
  contestants: readonly Contestant[],
  clients: readonly ClientOptions[],
  payloadBytes: number,
  measure: (runs: ReadonlyMap<Contestant, Run>) => Promise<T>,
): Promise<T> {
  const runs = new Map<Contestant, Run>();
  const open = (left: readonly Contestant[]): Promise<T> => {
    const [next, ...others] = left;
    if (next === undefined) return measure(runs);
    return withRun(next, clients, payloadBytes, (run) => open((runs.set(next, run), others)));
  };
  return open(contestants);
}

/** The columns of the last two of `rates`. */
export const CPU_METRICS: readonly Metric[] = [
  { key: "serverCpu", label: "server CPU %", digits: 0 },
  { key: "generatorCpu", label: "generator CPU %", digits: 0 },
];

/** Figures of a load that every table shows; `count` is what is measured: deliveries, acknowledgements. */
export function rates(interval: Interval, count: number): Sample {
  const { seconds, serverCpu, generatorCpu } = interval;
  return {
    perCpu: count / serverCpu,
    rate: count / seconds,
    serverCpu: (serverCpu / seconds) * 100,
    generatorCpu: (generatorCpu / seconds) * 100,
  };
}
