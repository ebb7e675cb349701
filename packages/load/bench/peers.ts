import { CATALOG } from "../src/peers/catalog.ts";
import type { Plot } from "../src/plot/plot.ts";
import { type Metric, moreThan, type Table, tableOf, type WordTable } from "../src/report/result.ts";
import type { Series } from "../src/report/series.ts";
import { type Field, prepareField } from "./peers/field.ts";
import { chat, type Context, fanOut, idle, type Numbers } from "./peers/loads.ts";
import { Notes } from "./peers/notes.ts";
import { findLimits, LATENCIES, LEVELS, pairs } from "./peers/pairs.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { CPU_METRICS } from "./support/rounds.ts";

const OWN = "tidegate process";

const bench: Bench<Numbers> = {
  name: "peers",
  title: "Tidegate beside the servers that people would pick instead",
  numbers: {
    rounds: 3,
    pacedRounds: 3,
    seconds: 2,
    rooms: 100,
    members: 10,
    payload: 100,
    subscribers: 1000,
    rate: 50,
    connections: 5000,
  },
  quick: { rounds: 1, pacedRounds: 1, seconds: 1, connections: 1000 },
  parts: CATALOG.map(({ id }) => id),
  measure,
};

const LOAD: readonly Metric[] = [
  { key: "perCpu", label: "deliveries per s of server CPU", digits: 0, ratio: true },
  { key: "rate", label: "deliveries/s", digits: 0 },
  ...CPU_METRICS,
];

const FAN_OUT: readonly Metric[] = [
  ...LOAD,
  { key: "p50", label: "P50 ms", digits: 1 },
  { key: "p99", label: "P99 ms", digits: 1, ratio: true },
];

const IDLE: readonly Metric[] = [
  { key: "rss", label: "RSS bytes a connection", digits: 0, ratio: true },
  { key: "empty", label: "empty server, RSS MB", digits: 1 },
  { key: "setUps", label: "set-ups/s", digits: 0, ratio: true },
  { key: "setUpsPerCpu", label: "set-ups per s of server CPU", digits: 0, ratio: true },
];

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { progress, wants, entry, numbers } = settings;
  const field = await prepareField(wants, entry, progress);
  const { entrants } = field;
  const notes = new Notes(progress);
  const context: Context = { ...settings, notes };
  const rooms = await chat(entrants, context);
  const one = await fanOut(entrants, context);
  const connections = await idle(entrants, context);
  const levels = await pairs(entrants, await findLimits(entrants, rooms, context), context);
  const tables = [
    tableOf(`Chat at saturation: ${numbers.rooms} rooms of ${numbers.members}, everyone talks`, rooms, LOAD, OWN),
    tableOf(`Fan-out: ${numbers.rate} messages a second to ${numbers.subscribers} subscribers`, one, FAN_OUT, OWN),
    tableOf(`${numbers.connections} connections that subscribe twice and stay`, connections, IDLE, OWN),
    ...levels.map(latencyTable),
  ];
  return {
    tables,
    words: words(field),
    plots: plots(field, rooms, one, connections),
    bars: [moreThan("peers measured", entrants.length - 2, 5)],
    notes: notes.all,
  };
}

function latencyTable(series: Series, i: number): Table {
  const share = LEVELS[i] === 0.5 ? "half" : `${LEVELS[i]! * 100} %`;
  return tableOf(
    `Chat at ${share} of the slower one's limit: each peer, and Tidegate beside it at the same rate`,
    series,
    LATENCIES,
  );
}

function words({ entrants, missing }: Field): readonly WordTable[] {
  const head = ["", "version", "stores a message", "acknowledges", "orders", "recovers what was missed"];
  const rows = entrants.map(({ name, version, guarantees: { stores, acknowledges, orders, recovers } }) => [
    name,
    version,
    stores,
    acknowledges,
    orders,
    recovers,
  ]);
  const tables = [{ title: "What each server does for a message, as it was measured", rows: [head, ...rows] }];
  if (missing.length === 0) return tables;
  const lines = missing.map(({ name, reason, remedy }) => [name, reason, remedy]);
  return [...tables, { title: "Not measured", rows: [["", "why", "to have it"], ...lines] }];
}

function plots({ entrants }: Field, rooms: Series, one: Series, connections: Series): readonly Plot[] {
  const draw = (file: string, title: string, unit: string, series: Series, key: string): Plot => ({
    kind: "bars",
    file,
    title,
    unit,
    bars: entrants.flatMap(({ name, own }) => {
      const spread = series.spread(name, key);
      return spread === undefined ? [] : [{ label: name, value: spread.median, ...spread, own }];
    }),
  });
  const perCpu = "deliveries for each second of the server's CPU; more is better";
  return [
    draw("peers-chat", "Chat in rooms of ten", perCpu, rooms, "perCpu"),
    draw("peers-fan-out", "One publisher to many subscribers", perCpu, one, "perCpu"),
    draw("peers-memory", "Memory of an idle connection", "bytes of RSS; less is better", connections, "rss"),
  ];
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
