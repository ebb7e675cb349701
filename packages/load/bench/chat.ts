import { atLeast, atMost, type Metric, moreThan, tableOf } from "../src/report/result.ts";
import type { Series } from "../src/report/series.ts";
import { Watch } from "../src/report/watch.ts";
import { paced, saturate } from "../src/scenario/loads.ts";
import { roomClients } from "../src/scenario/populations.ts";
import type { Run } from "../src/scenario/run.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { type Contestant, PLAIN, tidegate } from "./support/contestants.ts";
import { highestRate } from "./support/highest-rate.ts";
import { percentiles } from "./support/percentiles.ts";
import { collect, CPU_METRICS, rates, withRun, withRuns } from "./support/rounds.ts";

type Numbers = "rounds" | "pacedRounds" | "seconds" | "rooms" | "members" | "window" | "payload";

/** Seconds. */
const WARM_UP = 1;
const COMPILE = 3;
const SETTLE = 0.5;
/** Milliseconds: a P99 above this is no chat any more. */
const BOUNDED = 100;

const chat: Bench<Numbers> = {
  name: "chat",
  title: "Chat: 1,000 clients in 100 rooms of 10, every message acknowledged",
  numbers: { rounds: 3, pacedRounds: 9, seconds: 2, rooms: 100, members: 10, window: 1, payload: 100 },
  measure,
};

const SATURATED: readonly Metric[] = [
  { key: "perCpu", label: "deliveries per s of server CPU", digits: 0, ratio: true },
  { key: "rate", label: "deliveries/s", digits: 0, ratio: true },
  ...CPU_METRICS,
];

const AT_HALF: readonly Metric[] = [
  { key: "p50", label: "P50 ms", digits: 2 },
  { key: "p99", label: "P99 ms", digits: 2, ratio: true },
  { key: "p999", label: "P99.9 ms", digits: 2 },
  { key: "cpuMicros", label: "server CPU µs per delivery", digits: 2, ratio: true },
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const contestants = [PLAIN, tidegate("memory", settings.entry), tidegate("process", settings.entry)];
  const watch = new Watch();
  const full = await saturateAll(contestants, settings, watch);
  const limit = await findLimit(settings, full);
  const half = await paceAll(contestants, limit / 2, settings, watch);
  const publishes = Math.round(limit / 2).toLocaleString("en-US");
  return {
    tables: [
      tableOf(
        `Saturation: each client keeps ${settings.numbers.window} publish under way`,
        full,
        SATURATED,
        PLAIN.name,
      ),
      tableOf(`Half of plain ws's highest rate: ${publishes} publishes/s on schedule`, half, AT_HALF, PLAIN.name),
    ],
    bars: bars(full, half),
    notes: watch.notes,
  };
}

function bars(full: Series, half: Series): Findings["bars"] {
  const perCpu = (server: string): number | undefined => full.ratio(server, PLAIN.name, "perCpu")?.median;
  const p99 = (server: string): number | undefined => half.ratio(server, PLAIN.name, "p99")?.median;
  return [
    atLeast("memory, deliveries per s of server CPU × plain ws", perCpu("tidegate memory"), 3),
    moreThan("process, deliveries per s of server CPU × plain ws", perCpu("tidegate process"), 1),
    atMost("memory, P99 × plain ws", p99("tidegate memory"), 1),
    atMost("process, P99 × plain ws", p99("tidegate process"), 1),
  ];
}

function saturateAll(
  contestants: readonly Contestant[],
  { numbers, progress }: Settings<Numbers>,
  watch: Watch,
): Promise<Series> {
  const { rounds, rooms, members, payload, window, seconds } = numbers;
  return collect({ title: "saturation", contestants, rounds, progress }, async (contestant) => {
    const load = (run: Run) => saturate(run, window, { warmUp: WARM_UP, seconds });
    const interval = await withRun(contestant, roomClients(rooms, members), payload, load);
    watch.look(`saturation, ${contestant.name}`, interval);
    return rates(interval, interval.delivered);
  });
}

/** The highest rate of publishes a second that the plain server keeps up with. */
async function findLimit({ numbers, progress }: Settings<Numbers>, full: Series): Promise<number> {
  const { rooms, members, payload } = numbers;
  const saturated = (full.spread(PLAIN.name, "rate")?.median ?? 0) / members;
  return highestRate(saturated, async (rate) => {
    const load = (run: Run) => paced(run, rate, { warmUp: WARM_UP, seconds: 1.5 });
    const { latency, backlog } = await withRun(PLAIN, roomClients(rooms, members), payload, load);
    const p99 = latency.quantile(0.99) / 1000;
    const kept = p99 < BOUNDED && backlog * 1000 < BOUNDED;
    progress(
      `plain ws at ${Math.round(rate)} publishes/s: P99 ${p99.toFixed(1)} ms, ${kept ? "keeps up" : "falls behind"}`,
    );
    return kept;
  });
}

/** The servers run side by side and are loaded in turn. */
function paceAll(
  contestants: readonly Contestant[],
  rate: number,
  { numbers, progress }: Settings<Numbers>,
  watch: Watch,
): Promise<Series> {
  const { pacedRounds, rooms, members, payload, seconds } = numbers;
  return withRuns(contestants, roomClients(rooms, members), payload, async (runs) => {
    // Compilers want more calls than half a rate gives them in a short time.
    for (const run of runs.values()) await saturate(run, 1, { warmUp: 0, seconds: COMPILE });
    return collect({ title: "half rate", contestants, rounds: pacedRounds, progress }, async (contestant) => {
      const { latency, interval, lateness } = await paced(runs.get(contestant)!, rate, { warmUp: SETTLE, seconds });
      watch.look(`half rate, ${contestant.name}`, interval, lateness.quantile(0.99));
      const cpuMicros = (interval.serverCpu / interval.delivered) * 1e6;
      return { ...percentiles(latency, "p50", "p99", "p999"), cpuMicros };
    });
  });
}

process.exit(await benchCommand(chat, process.argv.slice(2)));
