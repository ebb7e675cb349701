import { Histogram } from "../../src/measure/histogram.ts";
import type { HistogramData } from "../../src/measure/histogram-data.ts";
import { merged } from "../../src/figures/latency.ts";
import type { AgentSample, Correctness, PhaseResult, RunResult, Second } from "../../src/result/types.ts";

export interface MadeRun {
  readonly name?: string;
  readonly seed?: number;
  /** Microseconds of the usual latency. */
  readonly latency?: number;
  readonly lost?: number;
  readonly protocol?: string;
  readonly serverCpu?: number;
  /** Second in which the server stands still; none if absent. */
  readonly pause?: number;
  /** Share of a core of the tool. */
  readonly toolCpu?: number;
  readonly server?: boolean;
}

const PHASES = [
  { name: "ramp 1", kind: "ramp", from: 0, to: 15, load: 0 },
  { name: "steady", kind: "hold", from: 15, to: 45, load: 1 },
  { name: "all reconnect", kind: "storm", from: 45, to: 60, load: 1 },
  { name: "after", kind: "hold", from: 60, to: 80, load: 1.5 },
  { name: "down", kind: "down", from: 80, to: 88, load: 0 },
] as const;
const CONNECTIONS = 15_000;
const RATE = 2000;
const FAN_OUT = 10;

/** A result that looks like one of a real run, always the same for the same options. */
export function madeRun(options: MadeRun = {}): RunResult {
  const series = secondsOf(options);
  const correctness = [correctnessOf(series, options.lost ?? 0)];
  const reasons = (options.lost ?? 0) > 0 ? [`lost: ${options.lost} deliveries (limit 0 %)`] : [];
  return {
    version: 1,
    meta: metaOf(options),
    phases: PHASES.map((phase) => phaseOf(phase, series)),
    series,
    totals: totalsOf(series),
    correctness,
    verdict: { passed: reasons.length === 0, reasons },
    notes:
      (options.toolCpu ?? 0) > 0.92
        ? [{ kind: "bottleneck", text: "Agent 1 used 97 % of a core in 30 of 88 seconds: the tool was the limit." }]
        : [],
  };
}

function metaOf({ name = "Chat rooms", protocol = "tidegate" }: MadeRun): RunResult["meta"] {
  return {
    name,
    about: "Rooms of ten, everyone writes now and then; all come back at once in the middle.",
    date: "2026-11-20T09:30:00.000Z",
    tool: "0.1.0",
    seconds: 88,
    target: { protocol, urls: ["ws://127.0.0.1:8080/ws"] },
    machine: { cpu: "Example CPU @ 2.60 GHz", cores: "2", memory: "8 GB", kernel: "Linux 6.1.0", bun: "1.4.5" },
    agents: 2,
    populations: [{ name: "people", protocol, connections: CONNECTIONS, topics: 1500, rate: RATE }],
    scenario: {
      name,
      target: { protocol, urls: ["ws://127.0.0.1:8080/ws"] },
      seed: 1,
      populations: [{ name: "people", count: CONNECTIONS, publish: { rate: RATE, bytes: { min: 100, max: 100 } } }],
      phases: PHASES.map(({ kind, from, to, load }) => ({ phase: kind, for: (to - from) * 1000, load })),
    },
    interrupted: false,
  };
}

function secondsOf(options: MadeRun): Second[] {
  const chance = chances(options.seed ?? 1);
  return Array.from({ length: 88 }, (_, t) => secondOf(t, options, chance));
}

function secondOf(t: number, options: MadeRun, chance: () => number): Second {
  const { latency = 900, pause, toolCpu = 0.55, serverCpu = 0.7 } = options;
  const phase = PHASES.find(({ to }) => t < to)!;
  const storm = t >= 45 && t < 50;
  const connections = connectionsAt(t);
  const attempted = phase.load * RATE;
  const sent = t === pause ? 0 : attempted;
  const delivered = Math.round(sent * FAN_OUT * (storm ? 0.7 : 1));
  const slow = storm ? 30 : t === pause! + 1 ? 400 : 1;
  const load = delivered / (RATE * FAN_OUT);
  return {
    t,
    connections,
    wanted: phase.kind === "ramp" || phase.kind === "down" ? connections : CONNECTIONS,
    opened: t < 15 ? 1000 : storm ? 3000 : 0,
    ...{ attempted, sent, acked: sent, delivered, bytesOut: sent * 220, bytesIn: delivered * 240 + sent * 60 },
    errors: storm && t < 48 ? { refused: Math.round(40 * chance()), timeout: 3 } : {},
    latency: sampled(Math.min(4000, delivered), latency * slow, chance),
    ack: sampled(Math.min(2000, sent), latency * 0.7 * slow, chance),
    connect: sampled(t < 15 ? 300 : storm ? 900 : 0, storm ? 90_000 : 2500, chance),
    ...(options.server === false
      ? {}
      : { server: { cpu: 0.05 + load * serverCpu + chance() * 0.05, rss: 60e6 + connections * 5000 + t * 1e5 } }),
    agents: [agentAt(toolCpu * Math.max(0.1, load), connections, chance), agentAt(0.4 * load, connections, chance)],
  };
}

function agentAt(cpu: number, connections: number, chance: () => number): AgentSample {
  return {
    cpu: Math.min(1, cpu + 0.04 * chance()),
    rss: 90e6 + connections * 800,
    lag: 1 + 3 * chance(),
    late: 0.3 + 0.4 * chance(),
    descriptors: 30 + connections / 2,
    connections: Math.floor(connections / 2),
  };
}

function connectionsAt(t: number): number {
  if (t < 15) return (t + 1) * 1000;
  if (t >= 45 && t < 50) return (t - 44) * 3000;
  return t >= 80 ? Math.round((CONNECTIONS * (87 - t)) / 8) : CONNECTIONS;
}

function sampled(count: number, usual: number, chance: () => number): HistogramData {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) {
    const normal = Math.sqrt(-2 * Math.log(chance() + 1e-9)) * Math.cos(2 * Math.PI * chance());
    histogram.record(usual * Math.exp(0.45 * normal) + (chance() < 0.004 ? usual * 9 * chance() : 0));
  }
  return histogram.toData();
}

function phaseOf(phase: Omit<PhaseResult, "latency">, series: readonly Second[]): PhaseResult {
  return { ...phase, latency: merged(series.slice(phase.from, phase.to).map(({ latency }) => latency)) };
}

function totalsOf(series: readonly Second[]): RunResult["totals"] {
  const sum = (key: "opened" | "attempted" | "sent" | "acked" | "delivered" | "bytesOut" | "bytesIn"): number =>
    series.reduce((total, second) => total + second[key], 0);
  const errors: Record<string, number> = {};
  for (const second of series)
    for (const [kind, n] of Object.entries(second.errors)) errors[kind] = (errors[kind] ?? 0) + n;
  return {
    ...{ opened: sum("opened"), attempted: sum("attempted"), sent: sum("sent"), acked: sum("acked") },
    ...{ delivered: sum("delivered"), bytesOut: sum("bytesOut"), bytesIn: sum("bytesIn"), errors },
    examples: ["refused: the upgrade was refused: HTTP/1.1 503 Service Unavailable"],
    peakDelivered: Math.max(...series.map(({ delivered }) => delivered)),
    peakConnections: Math.max(...series.map(({ connections }) => connections)),
    latency: merged(series.map(({ latency }) => latency)),
    ack: merged(series.map(({ ack }) => ack)),
    connect: merged(series.map(({ connect }) => connect)),
  };
}

function correctnessOf(series: readonly Second[], lost: number): Correctness {
  const received = series.reduce((sum, { delivered }) => sum + delivered, 0);
  return {
    ...{ population: "people", protocol: "tidegate", subscriptions: CONNECTIONS },
    ...{ expected: received + lost, received, lost, repeated: 0, reordered: 0, delayed: 0, foreign: 0 },
    maxLatency: Math.max(...series.map(({ latency }) => latency.max)),
    examples: lost === 0 ? [] : ["people: client 17 lost message 42 of publisher 3"],
  };
}

/** Numbers from 0 to 1: a generator of Park and Miller. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
