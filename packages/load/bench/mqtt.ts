import { type Table, tableOf } from "../src/report/result.ts";
import type { Series } from "../src/report/series.ts";
import { type MqttField, prepareField } from "./mqtt/field.ts";
import { type Measured, memoryBars, tables, throughputBars, titleOf } from "./mqtt/findings.ts";
import { MEMORY, measureMemory } from "./mqtt/memory.ts";
import { fanIn, fanOut, type Load, oneToOne, type Quality } from "./mqtt/shape.ts";
import { Traffic } from "./mqtt/traffic.ts";
import { Notes } from "./peers/notes.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";
import { withServer } from "./support/contestants.ts";
import { collect, rates } from "./support/rounds.ts";

type Numbers = "rounds" | "seconds" | "pairs" | "many" | "window" | "fanInWindow" | "payload" | "connections";

/** Seconds. */
const WARM_UP = 1;
/** Bytes of RSS a connection. */
const MEMORY_BOUND = 3072;

const bench: Bench<Numbers> = {
  name: "mqtt",
  title: "MQTT: Tidegate beside Mosquitto and aedes",
  numbers: {
    rounds: 3,
    seconds: 2,
    pairs: 100,
    many: 1000,
    window: 10,
    fanInWindow: 1,
    payload: 100,
    // What fits under the usual limit of 20,000 descriptors in a process.
    connections: 19_000,
  },
  quick: { rounds: 1, seconds: 1, connections: 5000 },
  parts: ["pairs", "fan-in", "fan-out", "memory"],
  measure,
};

async function measure(settings: Settings<Numbers>): Promise<Findings> {
  const { numbers, entry, progress, wants } = settings;
  const field = await prepareField(entry, progress);
  const notes = new Notes(progress);
  const loads: Measured[] = [];
  for (const load of loadsOf(numbers).filter(({ shape }) => wants(shape.id)))
    loads.push({ ...load, series: await measureLoad(load, field, settings, notes) });
  const memory = wants("memory") ? await measureMemory(field.brokers, numbers.connections, progress) : undefined;
  return {
    tables: [...tables(loads), ...(memory === undefined ? [] : [memoryTable(memory, numbers.connections)])],
    words: [versions(field)],
    bars: [...throughputBars(loads), ...(memory === undefined ? [] : memoryBars(memory, MEMORY_BOUND))],
    notes: [...field.missing, ...notes.all, ...(memory === undefined ? [] : [OLD_AEDES])],
  };
}

const OLD_AEDES = "Memory: aedes speaks MQTT 3.1.1 only, so its connections all do.";

function loadsOf({ pairs, many, window, fanInWindow, payload }: Settings<Numbers>["numbers"]): readonly Load[] {
  const qualities: readonly Quality[] = [0, 1];
  return qualities.flatMap((qos) => [
    { shape: oneToOne(pairs), qos, window, payloadBytes: payload },
    { shape: fanIn(many), qos, window: fanInWindow, payloadBytes: payload },
    { shape: fanOut(many), qos, window, payloadBytes: payload },
  ]);
}

/** Everyone in every round. A peer that does not deliver is noted and has no figures for that round. */
function measureLoad(
  load: Load,
  { brokers }: MqttField,
  { numbers: { rounds, seconds }, progress }: Settings<Numbers>,
  notes: Notes,
): Promise<Series> {
  const title = titleOf(load);
  return collect({ title, contestants: brokers, rounds, progress }, async (broker) => {
    const interval = await notes.forgiving(broker, title, () =>
      withServer(broker, async (target) => {
        const traffic = await Traffic.open(target, load);
        const measured = await traffic.saturate({ warmUp: WARM_UP, seconds });
        traffic.close();
        return measured;
      }),
    );
    if (interval === undefined) return {};
    notes.watch.look(`${title}, ${broker.name}`, interval);
    return rates(interval, interval.delivered);
  });
}

function memoryTable(series: Series, connections: number): Table {
  const title = `${connections} connections, half of them MQTT 5, with one subscription each`;
  return tableOf(title, series, MEMORY, "Mosquitto");
}

function versions({ brokers }: MqttField) {
  return { title: "Versions", rows: [["", "version"], ...brokers.map(({ name, version }) => [name, version])] };
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
