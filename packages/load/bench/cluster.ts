import { findNatsServer } from "../../../scripts/servers/nats.ts";
import { type Bar, atLeast, atMost, type Table, tableOf, type WordTable } from "../src/report/result.ts";
import { Series } from "../src/report/series.ts";
import { HELD, LOADED, sharesOf, TRAFFIC } from "./cluster/findings.ts";
import { type FleetPlan, withFleet } from "./cluster/fleet.ts";
import { type HeldLoad, measureHeld } from "./cluster/held.ts";
import { acksLoad, chatLoad, measureTraffic, type TrafficLoad } from "./cluster/traffic.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { collect } from "./support/rounds.ts";

type Numbers =
  | "rounds"
  | "seconds"
  | "connections"
  | "gateways"
  | "rooms"
  | "rate"
  | "ramp"
  | "hold"
  | "publishers"
  | "window"
  | "payload";

const bench: Bench<Numbers> = {
  name: "cluster",
  title: "Several gateways on one NATS",
  numbers: {
    rounds: 3,
    seconds: 4,
    connections: 100_000,
    gateways: 6,
    // Not a multiple of the gateways, so that every room is at all of them.
    rooms: 10_001,
    rate: 1000,
    ramp: 50,
    hold: 60,
    publishers: 100,
    window: 32,
    payload: 100,
  },
  quick: { rounds: 1, seconds: 2, connections: 10_000, rooms: 1001, ramp: 6, hold: 6 },
  parts: ["connections", "apart", "publishes"],
  measure,
};

/** Milliseconds: what a platform of this size is to keep. */
const P99 = 150;
const BASE = "embedded process";
const MISSING =
  "There is no nats-server, so nothing was measured on one. To have it: set NATS_SERVER to its path, put it into PATH, or install " +
  "it under tmp/ with CI=true node scripts/bun.mjs run scripts/servers/nats.ts.";
/** Gateways of the fleets for publishes. */
const FEW = 3;

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const nats = findNatsServer();
  const parts: Findings[] = [];
  if (nats === undefined) parts.push({ tables: [], bars: [], notes: [MISSING] });
  if (settings.wants("connections") || settings.wants("apart")) parts.push(await measureConnections(settings, nats));
  if (settings.wants("publishes")) parts.push(await measurePublishes(settings, nats));
  return {
    tables: parts.flatMap(({ tables }) => tables),
    words: parts.flatMap(({ words }) => words ?? []),
    bars: parts.flatMap(({ bars }) => bars),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

async function measureConnections(
  { numbers, entry, progress, wants }: Settings<Numbers>,
  nats: string | undefined,
): Promise<Findings> {
  const { gateways, connections } = numbers;
  const plan = { gateways, durability: "process", guarded: true, entry } as const;
  const fleets: FleetPlan[] = [];
  if (wants("connections") && nats !== undefined) fleets.push({ ...plan, name: CLUSTER, nats });
  if (wants("apart")) fleets.push({ ...plan, name: "apart, a log each", nats: undefined });
  const series = new Series();
  const notes = new Set<string>();
  for (const fleet of fleets) {
    const load = heldLoad(numbers, fleet.nats !== undefined);
    const held = await withFleet(fleet, (running) => measureHeld(running, load, progress));
    series.add(fleet.name, held.sample);
    for (const note of held.notes) notes.add(`${fleet.name}: ${note}`);
  }
  const title = `${connections} WebSocket connections over ${gateways} gateways`;
  const value = (key: string): number | undefined => series.spread(CLUSTER, key)?.median;
  return {
    tables: [
      tableOf(`${title}, with a subscription each`, series, HELD),
      tableOf(`${title}, ${numbers.rate} messages a second to any of ${numbers.rooms} rooms`, series, LOADED),
    ],
    words: [sharesOf("Share of each process in their CPU under that load", series, partNames(gateways))],
    bars: [
      atLeast("connections held", value("held"), connections),
      atMost("P99 of deliveries in ms", value("p99"), P99),
    ],
    notes: [...notes],
  };
}

const CLUSTER = "on one NATS";

function heldLoad(numbers: Settings<Numbers>["numbers"], shared: boolean): HeldLoad {
  const { connections, rooms, rate, payload, ramp, hold, gateways } = numbers;
  return {
    ...{ connections, rooms, rate, payload, ramp, shared },
    ...{ publishers: gateways * 10, still: 15, seconds: hold, agents: gateways },
  };
}

async function measurePublishes(settings: Settings<Numbers>, nats: string | undefined): Promise<Findings> {
  const { publishers, window, payload } = settings.numbers;
  const [tables, words, bars]: [Table[], WordTable[], Bar[]] = [[], [], []];
  for (const load of [acksLoad(publishers, window, payload), chatLoad(100, payload)]) {
    const series = await measureLoad(load, fleetsOf(settings, nats), settings);
    tables.push(tableOf(`${load.title}; ${load.counted}`, series, TRAFFIC, BASE));
    words.push(sharesOf(`${load.title}: share of each process in their CPU`, series, partNames(FEW)));
  }
  return { tables, words, bars, notes: [] };
}

function fleetsOf({ entry }: Settings<Numbers>, nats: string | undefined): readonly FleetPlan[] {
  const common = { entry, durability: "process", gateways: 1, nats: undefined } as const;
  const embedded: FleetPlan[] = [
    { ...common, name: "embedded memory", durability: "memory" },
    { ...common, name: BASE },
  ];
  if (nats === undefined) return embedded;
  const several = { ...common, name: `NATS, ${FEW} gateways`, gateways: FEW, nats };
  return [...embedded, { ...common, name: "NATS, 1 gateway", nats }, several];
}

/** Every fleet in every round, a fresh one each time. */
function measureLoad(
  load: TrafficLoad,
  contestants: readonly FleetPlan[],
  { numbers, progress }: Settings<Numbers>,
): Promise<Series> {
  return collect({ title: load.id, contestants, rounds: numbers.rounds, progress }, (plan) =>
    withFleet(plan, (fleet) => measureTraffic(fleet, load, numbers.seconds)),
  );
}

function partNames(gateways: number): readonly string[] {
  return [...Array.from({ length: gateways }, (_, i) => `gateway ${i + 1}`), "NATS"];
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
