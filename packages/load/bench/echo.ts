import { plainDialect } from "../src/dialect/plain.ts";
import { type Metric, tableOf } from "../src/report/result.ts";
import type { Series } from "../src/report/series.ts";
import { Watch } from "../src/report/watch.ts";
import { echo } from "../src/scenario/echo.ts";
import { buildEpollEcho, startBunEcho, startEpollEcho, startPlainEcho } from "../src/servers/peers.ts";
import { type Bench, benchCommand, type Findings, OUTPUT, type Settings } from "./support/bench.ts";
import { type Contestant, LOOPBACK, tidegate, withServer } from "./support/contestants.ts";
import { collect, CPU_METRICS, rates } from "./support/rounds.ts";

type Numbers = "rounds" | "seconds" | "connections" | "fewer";

/** Seconds. */
const WARM_UP = 0.5;
const BASE = "ws echo";

const bench: Bench<Numbers> = {
  name: "echo",
  title: "Echo of small frames: the cost of the transport",
  numbers: { rounds: 3, seconds: 1.5, connections: 1000, fewer: 200 },
  measure,
};

const METRICS: readonly Metric[] = [
  { key: "rate", label: "round trips/s", digits: 0, ratio: true },
  { key: "perCpu", label: "round trips per s of server CPU", digits: 0, ratio: true },
  ...CPU_METRICS,
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { connections, fewer } = settings.numbers;
  const binary = buildEpollEcho(OUTPUT);
  const watch = new Watch();
  const servers = contestants(binary, settings.entry);
  const many = await measureCount(servers, connections, settings, watch);
  const few = await measureCount(servers, fewer, settings, watch);
  const leftOut = binary === undefined ? ["There is no C compiler (cc) here: the bare epoll echo is left out."] : [];
  return {
    tables: [
      tableOf(`${connections} connections, one round trip under way on each`, many, METRICS, BASE),
      tableOf(`${fewer} connections, one round trip under way on each`, few, METRICS, BASE),
    ],
    bars: [],
    notes: [
      "Tidegate answers `ping`: it parses a command and writes a reply. The others send back what they got.",
      ...leftOut,
      ...watch.notes,
    ],
  };
}

function contestants(binary: string | undefined, entry: string | undefined): readonly Contestant[] {
  const peers: Contestant[] = [
    { name: BASE, hosts: LOOPBACK, dialect: plainDialect, start: startPlainEcho },
    { name: "Bun.serve echo", hosts: LOOPBACK, dialect: plainDialect, start: startBunEcho },
    { ...tidegate("memory", entry), name: "tidegate ping" },
  ];
  if (binary !== undefined)
    peers.push({
      name: "epoll echo in C",
      hosts: LOOPBACK,
      dialect: plainDialect,
      start: () => startEpollEcho(binary),
    });
  return peers;
}

function measureCount(
  servers: readonly Contestant[],
  connections: number,
  { numbers, progress }: Settings<Numbers>,
  watch: Watch,
): Promise<Series> {
  const { rounds, seconds } = numbers;
  const title = `${connections} connections`;
  return collect({ title, contestants: servers, rounds, progress }, async (contestant) => {
    const load = { warmUp: WARM_UP, seconds };
    const interval = await withServer(contestant, (target) => echo(target, connections, load));
    watch.look(`${title}, ${contestant.name}`, interval);
    return rates(interval, interval.acknowledged);
  });
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
