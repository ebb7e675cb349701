import { quantilesOf } from "../../src/figures/latency.ts";
import { measuredLatency } from "../../src/master/verdict.ts";
import type { Memory } from "../../src/measure/process-stats.ts";
import type { Sample } from "../../src/report/series.ts";
import type { PhaseResult, RunResult, Second } from "../../src/result/types.ts";
import { settled } from "../support/settled.ts";
import type { Fleet, Part } from "./fleet.ts";
import { play } from "./play.ts";
import { allCpu, cpuSample, FleetWatch, memoryOf, type Stretch } from "./watch.ts";

/** Connections that stay, and what is published to their rooms. */
export interface HeldLoad {
  readonly connections: number;
  readonly rooms: number;
  /** Connections that publish to any room; they are beyond the others. */
  readonly publishers: number;
  /** Messages a second. */
  readonly rate: number;
  /** Bytes. */
  readonly payload: number;
  /** Seconds in which they come, only stay, and hear messages. */
  readonly ramp: number;
  readonly still: number;
  readonly seconds: number;
  /** Processes that connect. */
  readonly agents: number;
  /** Whether a room is at all gateways; else each gateway has its own, with publishers of its own. */
  readonly shared: boolean;
}

/** Source addresses: each pair of addresses has 28,000 ports, and finding a free one gets slow long before the last. */
const SOURCES = Array.from({ length: 24 }, (_, i) => `127.0.1.${i + 1}`);
/** A delivery that takes longer is counted as delayed. */
const DELAYED = "1s";

export interface Held {
  readonly sample: Sample;
  /** Where the generator was the limit. */
  readonly notes: readonly string[];
}

/** All come, stay, hear a while what is published, and leave. Throws `IncorrectDelivery`. */
export async function measureHeld(fleet: Fleet, load: HeldLoad, progress: (text: string) => void): Promise<Held> {
  const gateways = fleet.parts.filter(({ name }) => name !== "NATS");
  const nats = fleet.parts.filter(({ name }) => name === "NATS");
  const empty = await settled(() => memoryOf(gateways));
  const emptyNats = memoryOf(nats);
  const watch = new FleetWatch(fleet.parts, () => performance.now());
  const looks = new Looks(gateways);
  const result = await play(heldScenario(fleet, load), ({ second, phase }) => {
    watch.take(second);
    if (second.t % PROGRESS === 0) progress(`${fleet.name}, ${phase.name}: ${secondText(second)}`);
    if (phase.name === STILL || phase.name === LOADED) looks.take(phase, second.t);
  });
  const full = memoryOf(nats);
  const loaded = result.phases.find(({ name }) => name === LOADED)!;
  const stretch = watch.stretch(result.series, loaded.from + 1, loaded.to);
  const sizes = {
    ...memorySample(empty, looks, load.connections + load.publishers),
    nats: (full.rss - emptyNats.rss) / 2 ** 20,
  };
  const notes = result.notes.filter(({ kind }) => kind === "bottleneck").map(({ text }) => text);
  return { sample: { ...sizes, ...loadSample(result, stretch, load), ...cpuSample(stretch, fleet) }, notes };
}

/** Seconds between two lines of progress. */
const PROGRESS = 5;
const STILL = "still";
const LOADED = "loaded";

function secondText({ connections, delivered, agents }: Second): string {
  const cpu = agents.reduce((sum, each) => sum + each.cpu, 0);
  return `${connections} connections, ${delivered} deliveries/s, agents ${Math.round(cpu * 100)} % CPU`;
}

/** Memory at the end of each phase. */
class Looks {
  readonly last = new Map<string, Memory>();
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** In the last seconds only: a process stands still for some milliseconds while its memory is counted. */
  take({ name, to }: Pick<PhaseResult, "name" | "to">, t: number): void {
    if (t + LAST >= to) this.last.set(name, memoryOf(this.#parts));
  }
}

/** Seconds. */
const LAST = 3;

function memorySample(empty: Memory, { last }: Looks, connections: number): Sample {
  const each = (phase: string, key: keyof Memory): number =>
    ((last.get(phase)?.[key] ?? NaN) - empty[key]) / connections;
  return {
    empty: empty.rss / 2 ** 20,
    ...{ rss: each(STILL, "rss"), anonymous: each(STILL, "anonymous") },
    ...{ loadedRss: each(LOADED, "rss"), loadedAnonymous: each(LOADED, "anonymous") },
  };
}

function loadSample(
  { phases, series, totals }: RunResult,
  stretch: Stretch,
  { connections, publishers }: HeldLoad,
): Sample {
  const latency = quantilesOf(measuredLatency(phases));
  const ack = quantilesOf(totals.ack);
  const ramp = phases.find(({ kind }) => kind === "ramp")!;
  const still = phases.filter(({ kind }) => kind === "hold");
  const [from, to] = [still[0]!.from, still.at(-1)!.to];
  const held = series.filter(({ t }) => t >= from && t + 1 <= to).map((second) => second.connections);
  return {
    held: Math.min(...held),
    connects: (connections + publishers) / (ramp.to - ramp.from),
    connectP99: quantilesOf(totals.connect).p99 / 1000,
    ...{ p50: latency.p50 / 1000, p99: latency.p99 / 1000, p999: latency.p999 / 1000 },
    ...{ ackP50: ack.p50 / 1000, ackP99: ack.p99 / 1000 },
    deliveries: stretch.delivered / stretch.seconds,
    acks: stretch.acked / stretch.seconds,
    perCpu: stretch.delivered / allCpu(stretch),
  };
}

/** The scenario; `tidegate load` would take it as well. */
export function heldScenario({ name, urls }: Pick<Fleet, "name" | "urls">, load: HeldLoad): object {
  const { agents, ramp, still, seconds, payload } = load;
  const parts = load.shared ? [{ urls, prefix: "" }] : urls.map((url, i) => ({ urls: [url], prefix: `${i}_` }));
  const share = (count: number): number => Math.ceil(count / parts.length);
  const rooms = (prefix: string) => ({ topic: `chat/${prefix}room_{room}`, rooms: share(load.rooms) });
  const populations = parts.flatMap(({ prefix, ...at }) => [
    { name: `${prefix}members`, count: share(load.connections), ...at, subscribe: rooms(prefix) },
    {
      ...{ name: `${prefix}publishers`, count: share(load.publishers), ...at },
      publish: {
        ...rooms(prefix),
        each: 0,
        order: "random",
        rate: Math.round(load.rate / parts.length),
        bytes: payload,
      },
    },
  ]);
  return {
    name,
    target: { urls },
    agents: { count: agents, sources: SOURCES },
    populations,
    phases: [
      { phase: "ramp", for: `${ramp}s` },
      { phase: "hold", name: STILL, for: `${still}s`, load: 0 },
      { phase: "hold", name: LOADED, for: `${seconds}s` },
      { phase: "down", for: `${Math.ceil(ramp / 4)}s` },
    ],
    limits: { delayedAfter: DELAYED },
  };
}
