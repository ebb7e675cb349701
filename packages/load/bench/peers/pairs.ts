import type { Metric } from "../../src/report/result.ts";
import { type Sample, Series } from "../../src/report/series.ts";
import { paced, saturate } from "../../src/scenario/loads.ts";
import { roomClients } from "../../src/scenario/populations.ts";
import { IncorrectDelivery, type Run } from "../../src/scenario/run.ts";

import { highestRate } from "../support/highest-rate.ts";
import { percentiles } from "../support/percentiles.ts";
import { collect, withRun, withRuns } from "../support/rounds.ts";
import type { Entrant } from "./field.ts";
import type { Context } from "./loads.ts";

/** Milliseconds: a P99 above this is no chat any more. */
const BOUNDED = 100;
/** Seconds. */
const COMPILE = 2;
const SETTLE = 0.5;
/** A limit is looked for in short loads. */
const LOOK_SECONDS = 1.5;

/** Shares of the slower one's limit at which latency is measured. */
export const LEVELS = [0.5, 0.9] as const;

/** A row of these tables is a peer; `own` is the default Tidegate. */
export const LATENCIES: readonly Metric[] = [
  { key: "rate", label: "publishes/s", digits: 0 },
  { key: "p50", label: "P50 ms", digits: 2 },
  { key: "ownP50", label: "Tidegate", digits: 2 },
  { key: "p99", label: "P99 ms", digits: 2 },
  { key: "ownP99", label: "Tidegate", digits: 2 },
  { key: "times", label: "Tidegate ×", digits: 2 },
  { key: "memoryTimes", label: "in memory ×", digits: 2 },
  { key: "p999", label: "P99.9 ms", digits: 2 },
  { key: "ownP999", label: "Tidegate", digits: 2 },
];

/** The highest rates of publishes a second in the rooms, by server. */
export async function findLimits(
  field: readonly Entrant[],
  saturated: Series,
  { numbers, progress }: Context,
): Promise<ReadonlyMap<string, number>> {
  const { rooms, members, payload } = numbers;
  const limits = new Map<string, number>();
  for (const entrant of field) {
    const estimate = saturated.spread(entrant.name, "rate")?.median;
    if (estimate === undefined) continue;
    const limit = await highestRate(estimate / members, async (rate) => {
      const load = (run: Run) => paced(run, rate, { warmUp: SETTLE, seconds: LOOK_SECONDS });
      const measured = await withRun(entrant, roomClients(rooms, members), payload, load).catch(overloaded);
      if (measured === undefined) return false;
      return measured.latency.quantile(0.99) < BOUNDED * 1000 && measured.backlog * 1000 < BOUNDED;
    });
    progress(`limit of ${entrant.name}: ${Math.round(limit)} publishes/s with P99 under ${BOUNDED} ms`);
    limits.set(entrant.name, limit);
  }
  return limits;
}

/** Above its limit a server may refuse or drop: then it does not keep up. That it delivers below is checked elsewhere. */
function overloaded(error: unknown): undefined {
  if (!(error instanceof IncorrectDelivery)) throw error;
}

/**
 * Each peer with the two Tidegates beside it, all three alive at once and loaded in turn: hiccups of the machine meet
 * them alike. A series for each of `LEVELS`.
 */
export async function pairs(
  field: readonly Entrant[],
  limits: ReadonlyMap<string, number>,
  context: Context,
): Promise<readonly Series[]> {
  const own = field.filter((entrant) => entrant.own);
  const tables = LEVELS.map(() => new Series());
  for (const peer of field.filter((entrant) => !entrant.own)) {
    const slowest = Math.min(...[peer, ...own].map(({ name }) => limits.get(name) ?? Number.NaN));
    if (Number.isNaN(slowest)) continue;
    const levels = await context.notes.forgiving(peer, "latency", () => trio([peer, ...own], slowest, context));
    for (const [i, rounds] of (levels ?? []).entries()) for (const round of rounds) tables[i]!.add(peer.name, round);
  }
  return tables;
}

/** For each level the rounds' figures of the three beside one another. */
async function trio(
  contestants: readonly Entrant[],
  slowest: number,
  { numbers, progress, notes }: Context,
): Promise<readonly (readonly Sample[])[]> {
  const { pacedRounds, rooms, members, payload } = numbers;
  return withRuns(contestants, roomClients(rooms, members), payload, async (runs) => {
    for (const run of runs.values()) await saturate(run, 1, { warmUp: 0, seconds: COMPILE });
    const levels: Sample[][] = [];
    for (const level of LEVELS) {
      const rate = slowest * level;
      const title = `${level * 100} % of ${Math.round(slowest)}/s`;
      const series = await collect({ title, contestants, rounds: pacedRounds, progress }, async (entrant) => {
        const load = { warmUp: SETTLE, seconds: LOOK_SECONDS };
        const { latency, interval, lateness } = await paced(runs.get(entrant)!, rate, load);
        notes.watch.look(`${level * 100} %, ${entrant.name}`, interval, lateness.quantile(0.99));
        return percentiles(latency, "p50", "p99", "p999");
      });
      levels.push(Array.from({ length: pacedRounds }, (_, round) => row(series, contestants, round, rate)));
    }
    return levels;
  });
}

/** One round of the three as one row: the peer's figures, then what Tidegate's are beside it. */
function row(series: Series, [peer, memory, own]: readonly Entrant[], round: number, rate: number): Sample {
  const [theirs, ours, inMemory] = [peer!, own!, memory!].map(({ name }) => series.sample(name, round));
  return {
    ...theirs!,
    rate,
    ownP50: ours!["p50"]!,
    ownP99: ours!["p99"]!,
    ownP999: ours!["p999"]!,
    times: ours!["p99"]! / theirs!["p99"]!,
    memoryTimes: inMemory!["p99"]! / theirs!["p99"]!,
  };
}
