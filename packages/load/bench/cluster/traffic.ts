import type { Sample } from "../../src/report/series.ts";
import type { Fleet } from "./fleet.ts";
import { play } from "./play.ts";
import { allCpu, cpuSample, FleetWatch, type Stretch } from "./watch.ts";

/** Messages as fast as they are answered. */
export interface TrafficLoad {
  readonly id: "acks" | "chat";
  readonly title: string;
  /** What is counted. */
  readonly counted: "acked" | "delivered";
  readonly populations: readonly object[];
}

/** Publishers with a topic each, to which nobody listens. */
export function acksLoad(connections: number, window: number, payload: number): TrafficLoad {
  const publish = { topic: "events/source_{client}", window, bytes: payload };
  return {
    id: "acks",
    title: `Publishes of ${connections} connections to a topic each, ${window} under way on each, without subscribers`,
    counted: "acked",
    // {client} stands for one topic each; rooms do not matter.
    populations: [{ name: "publishers", count: connections, publish }],
  };
}

/** Rooms of ten in which everybody talks, at all gateways. */
export function chatLoad(rooms: number, payload: number): TrafficLoad {
  const room = { topic: "chat/room_{room}", rooms };
  const members = {
    name: "members",
    count: rooms * MEMBERS,
    subscribe: room,
    publish: { ...room, window: 1, bytes: payload },
  };
  return {
    id: "chat",
    title: `Chat: ${rooms} rooms of ${MEMBERS}, each member publishes when its last message is acknowledged`,
    counted: "delivered",
    populations: [members],
  };
}

const MEMBERS = 10;
/** Seconds before what is counted: compilers and caches. */
const WARM_UP = 2;

/** One measurement with agents of its own. Throws `IncorrectDelivery`. */
export async function measureTraffic(fleet: Fleet, load: TrafficLoad, seconds: number): Promise<Sample> {
  const watch = new FleetWatch(fleet.parts, () => performance.now());
  const tree = {
    name: `${load.title}, ${fleet.name}`,
    target: { urls: fleet.urls },
    agents: { count: 1 },
    populations: load.populations,
    phases: [
      { phase: "ramp", for: "1s" },
      // The first whole second only begins the count.
      { phase: "hold", for: `${WARM_UP + 1 + seconds}s` },
    ],
    // A closed loop is as late as the server is slow.
    limits: { delayedAfter: "30s" },
  };
  const { phases, series } = await play(tree, ({ second }) => watch.take(second));
  const hold = phases.find(({ kind }) => kind === "hold")!;
  return sampleOf(watch.stretch(series, hold.from + WARM_UP, hold.to), load, fleet);
}

function sampleOf(stretch: Stretch, { counted }: TrafficLoad, fleet: Fleet): Sample {
  const { seconds, agentCpu } = stretch;
  const cpu = cpuSample(stretch, fleet);
  return {
    rate: stretch[counted] / seconds,
    perCpu: stretch[counted] / allCpu(stretch),
    agents: (agentCpu / seconds) * 100,
    ...cpu,
  };
}
