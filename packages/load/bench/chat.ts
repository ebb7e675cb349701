import { GeneratorWatch } from "../src/report/generator-notes.ts";
import { atLeast, atMost, type Metric, tableOf } from "../src/report/result.ts";
import { Series } from "../src/report/series.ts";
import { paced, saturate, type Paced } from "../src/scenario/loads.ts";
import { roomClients } from "../src/scenario/populations.ts";
import { Run, type Target } from "../src/scenario/run.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { alternated, type Contestant, PLAIN, tidegate, withServer } from "./support/contestants.ts";
import { highestRate } from "./support/highest-rate.ts";

type Numbers = "rounds" | "seconds" | "rooms" | "members" | "window" | "payload";

const WARM_UP = 1;
/** Milliseconds: a P99 above this is no chat any more. */
const BOUNDED = 100;

const chat: Bench<Numbers> = {
  name: "chat",
  title: "Chat: 1,000 clients in 100 rooms of 10, every message acknowledged",
  numbers: { rounds: 3, seconds: 2, rooms: 100, members: 10, window: 1, payload: 100 },
  measure,
};

const SATURATED: readonly Metric[] = [
  { key: "perCpu", label: "deliveries per s of server CPU", digits: 0, ratio: true },
  { key: "rate", label: "deliveries/s", digits: 0, ratio: true },
  { key: "serverCpu", label: "server CPU %", digits: 0 },
  { key: "generatorCpu", label: "generator CPU %", digits: 0 },
];

const AT_HALF: readonly Metric[] = [
  { key: "p50", label: "P50 ms", digits: 2 },
  { key: "p99", label: "P99 ms", digits: 2, ratio: true },
  { key: "p999", label: "P99.9 ms", digits: 2 },
  { key: "cpuMicros", label: "server CPU µs per delivery", digits: 2, ratio: true },
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const contestants = [PLAIN, tidegate("memory", settings.entry), tidegate("process", settings.entry)];
  const watch = new GeneratorWatch();
  const full = await saturateAll(contestants, settings, watch);
  const limit = await findLimit(settings, full);
  const half = await paceAll(contestants, limit / 2, settings, watch);
  const publishes = Math.round(limit / 2).toLocaleString("en-US");
  return {
    tables: [
      tableOf(`Saturation: each client keeps ${settings.numbers.window} publish under way`, full, SATURATED, PLAIN.name),
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
    atLeast("process, deliveries per s of server CPU × plain ws", perCpu("tidegate process"), 1),
    atMost("memory, P99 × plain ws", p99("tidegate memory"), 1),
    atMost("process, P99 × plain ws", p99("tidegate process"), 1),
  ];
}

async function saturateAll(
  contestants: readonly Contestant[],
  { numbers, progress }: Settings<Numbers>,
  watch: GeneratorWatch,
): Promise<Series> {
  const series = new Series();
  for (const [round, contestant] of alternated(contestants, numbers.rounds)) {
    const load = { warmUp: WARM_UP, seconds: numbers.seconds };
    const interval = await withRun(contestant, numbers, (run) => saturate(run, numbers.window, load));
    const { seconds, serverCpu, generatorCpu, delivered } = interval;
    watch.look(`saturation, ${contestant.name}`, interval);
    const sample = {
      perCpu: delivered / serverCpu,
      rate: delivered / seconds,
      serverCpu: (serverCpu / seconds) * 100,
      generatorCpu: (generatorCpu / seconds) * 100,
    };
    series.add(contestant.name, sample);
    progress(`saturation ${round + 1}, ${contestant.name}: ${Math.round(sample.perCpu)} deliveries per s of server CPU`);
  }
  return series;
}

/** The highest rate of publishes a second that the plain server keeps up with. */
async function findLimit({ numbers, progress }: Settings<Numbers>, full: Series): Promise<number> {
  const saturated = (full.spread(PLAIN.name, "rate")?.median ?? 0) / numbers.members;
  return highestRate(saturated, async (rate) => {
    const trial = await withRun(PLAIN, numbers, (run) => paced(run, rate, { warmUp: WARM_UP, seconds: 1.5 }));
    const p99 = trial.latency.quantile(0.99) / 1000;
    const kept = p99 < BOUNDED && trial.backlog * 1000 < BOUNDED;
    progress(`plain ws at ${Math.round(rate)} publishes/s: P99 ${p99.toFixed(1)} ms, ${kept ? "keeps up" : "falls behind"}`);
    return kept;
  });
}

async function paceAll(
  contestants: readonly Contestant[],
  rate: number,
  { numbers, progress }: Settings<Numbers>,
  watch: GeneratorWatch,
): Promise<Series> {
  const series = new Series();
  for (const [round, contestant] of alternated(contestants, numbers.rounds)) {
    const trial = await withRun(contestant, numbers, (run) => warmAndPace(run, rate, numbers.seconds));
    const { latency, interval, lateness } = trial;
    watch.look(`half rate, ${contestant.name}`, interval, lateness.quantile(0.99));
    const p = (q: number): number => latency.quantile(q) / 1000;
    const cpuMicros = (interval.serverCpu / interval.delivered) * 1e6;
    series.add(contestant.name, { p50: p(0.5), p99: p(0.99), p999: p(0.999), cpuMicros });
    progress(`half rate ${round + 1}, ${contestant.name}: P50 ${p(0.5)} ms, P99 ${p(0.99)} ms`);
  }
  return series;
}

/** Compilers want more calls than half a rate gives them in a second: first a second of full load. */
async function warmAndPace(run: Run, rate: number, seconds: number): Promise<Paced> {
  await saturate(run, 1, { warmUp: 0, seconds: 1 });
  return paced(run, rate, { warmUp: 0.5, seconds });
}

function withRun<T>(
  contestant: Contestant,
  { rooms, members, payload }: Readonly<Record<Numbers, number>>,
  measureRun: (run: Run) => Promise<T>,
): Promise<T> {
  return withServer(contestant, async (target: Target) => {
    const run = await Run.open(target, roomClients(rooms, members), payload);
    const result = await measureRun(run);
    await run.finish();
    return result;
  });
}

process.exit(await benchCommand(chat, process.argv.slice(2)));
