import { atLeast, atMost, type Bar, type Metric, moreThan, type Table, tableOf } from "../../src/report/result.ts";
import type { Series, Spread } from "../../src/report/series.ts";
import type { Quality, Shape } from "./shape.ts";

/** What was measured of one load. */
export interface Measured {
  readonly shape: Shape;
  readonly qos: Quality;
  readonly series: Series;
}

const OWN = ["tidegate memory", "tidegate process"] as const;
/** Stores nothing on a disk, like the peers. */
const LIKE_PEERS = OWN[0];
const MOSQUITTO = "Mosquitto";
const AEDES = "aedes";

const LOAD: readonly Metric[] = [
  { key: "perCpu", label: "messages per s of server CPU", digits: 0, ratio: true },
  { key: "rate", label: "messages/s", digits: 0 },
  { key: "serverCpu", label: "server CPU %", digits: 0 },
  { key: "generatorCpu", label: "generator CPU %", digits: 0 },
];

const TIMES: readonly Metric[] = [
  { key: "mosquitto", label: "× Mosquitto", digits: 2 },
  { key: "aedes", label: "× aedes", digits: 2 },
];

export function titleOf({ shape, qos }: Pick<Measured, "shape" | "qos">): string {
  return `QoS ${qos}, ${shape.title}`;
}

export function tables(loads: readonly Measured[]): readonly Table[] {
  if (loads.length === 0) return [];
  return [ratios(loads), ...loads.map((load) => tableOf(titleOf(load), load.series, LOAD, MOSQUITTO))];
}

function ratios(loads: readonly Measured[]): Table {
  const rows = OWN.flatMap((own) =>
    loads.map((load) => {
      const [mosquitto, aedes] = [times(load, own, MOSQUITTO), times(load, own, AEDES)];
      const cells = { ...(mosquitto === undefined ? {} : { mosquitto }), ...(aedes === undefined ? {} : { aedes }) };
      return { server: `${own}, ${titleOf(load)}`, cells };
    }),
  );
  return { title: "Messages per second of server CPU beside the peers, in the same round", metrics: TIMES, rows };
}

/** The bars hold for Tidegate with its log in memory: neither peer stores anything. */
export function throughputBars(loads: readonly Measured[]): readonly Bar[] {
  return loads.flatMap((load) => {
    const title = `${titleOf(load)}, messages per s of server CPU ×`;
    const peer = times(load, LIKE_PEERS, MOSQUITTO)?.median;
    const text = `${title} ${MOSQUITTO}`;
    return [
      load.shape.id === "fan-out" ? moreThan(text, peer, 1) : atLeast(text, peer, 0.7),
      atLeast(`${title} ${AEDES}`, times(load, LIKE_PEERS, AEDES)?.median, 3),
    ];
  });
}

/** Both logs: what a connection takes should not depend on where messages are. */
export function memoryBars(series: Series, most: number): readonly Bar[] {
  return OWN.map((own) => atMost(`bytes of RSS a connection, ${own}`, series.spread(own, "rss")?.median, most));
}

function times({ series }: Measured, own: string, peer: string): Spread | undefined {
  return series.ratio(own, peer, "perCpu");
}
