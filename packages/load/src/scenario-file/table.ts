import type { FieldTable, ValuesOf } from "./spec.ts";
import { POPULATION, PROTOCOLS } from "./table-population.ts";
import { HTTP, SSE, WEBSOCKET } from "./table-protocols.ts";

const TARGET = {
  protocol: { kind: "choice", choices: PROTOCOLS, default: "tidegate", about: "What populations speak." },
  urls: {
    kind: "texts",
    required: true,
    about: "Addresses of the server, taken in turn: ws:, wss:, mqtt:, mqtts:, http:, https:.",
  },
  token: { kind: "text", secret: true, about: "Token or key; for MQTT the password." },
  user: { kind: "text", about: "MQTT: user name." },
  headers: { kind: "map", default: {}, about: "Headers of requests and upgrades." },
  insecure: { kind: "boolean", default: false, about: "Take any certificate." },
  pid: { kind: "integer", min: 1, max: 4_194_304, about: "Process of a local server, to read its CPU and memory." },
  metrics: { kind: "text", about: "URL of its metrics in Prometheus format, to read its CPU and memory." },
} as const satisfies FieldTable;

const AGENTS = {
  count: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 1000,
    about: "Local processes; 0 for one per core but one, or more if descriptors ask for it.",
  },
  at: { kind: "texts", default: [], about: "Addresses of agents started by hand, host:port, instead of local ones." },
  secret: { kind: "text", secret: true, about: "What these agents were started with." },
  sources: {
    kind: "texts",
    default: [],
    about: "Source addresses, taken in turn; on loopback 127.0.0.1 and up if absent.",
  },
  descriptors: {
    kind: "integer",
    default: 19_000,
    min: 10,
    max: 10_000_000,
    about: "Connections that one agent may hold.",
  },
} as const satisfies FieldTable;

const PHASE = {
  phase: {
    kind: "choice",
    choices: ["ramp", "hold", "storm", "down"],
    required: true,
    about: "ramp: connections come evenly; hold: they stay; storm: some are cut and come back; down: they leave.",
  },
  for: { kind: "duration", required: true, about: "How long it takes." },
  name: { kind: "text", about: "How the report calls it." },
  connections: {
    kind: "amount",
    about: "ramp: connections at its end, all if absent; down: those that stay, none if absent.",
  },
  load: { kind: "share", max: 1000, about: "Share of the populations' rates; 0 % in a ramp if absent, else 100 %." },
  drop: { kind: "share", max: 1, default: "100%", about: "storm: share of the connections that is cut." },
  back: { kind: "duration", default: "0", about: "storm: time over which they come back." },
} as const satisfies FieldTable;

const LIMITS = {
  p50: { kind: "duration", about: "Highest latency of half of the messages." },
  p99: { kind: "duration", about: "Highest latency of 99 % of the messages." },
  p999: { kind: "duration", about: "Highest latency of 99.9 % of the messages." },
  lost: { kind: "share", max: 1, default: "0%", about: "Share of deliveries that may be lost." },
  repeated: { kind: "share", max: 1, default: "0%", about: "Share that may come twice." },
  reordered: { kind: "share", max: 1, default: "0%", about: "Share that may come after a later one of its publisher." },
  delayed: { kind: "share", max: 1, default: "100%", about: "Share that may come later than delayedAfter." },
  delayedAfter: { kind: "duration", default: "1s", about: "From when on a delivery counts as delayed." },
  errors: { kind: "share", max: 1, default: "0%", about: "Share of attempts (connections, messages) that may fail." },
} as const satisfies FieldTable;

const SEARCH = {
  p99: { kind: "duration", required: true, about: "Latency that the rate must keep." },
  loss: { kind: "share", max: 1, default: "0%", about: "Loss that the rate must keep." },
  from: { kind: "rate", default: "100/s", about: "First rate tried, of all populations together." },
  to: { kind: "rate", default: "1000000/s", about: "Highest rate tried." },
  trial: { kind: "duration", default: "5s", about: "How long each rate is tried." },
  precision: { kind: "share", max: 1, default: "5%", about: "Where halving ends." },
  confirm: { kind: "integer", default: 2, min: 0, max: 10, about: "Further trials that the result must pass." },
} as const satisfies FieldTable;

/** Everything that a scenario file may hold. */
export const SCENARIO = {
  name: { kind: "text", required: true, about: "How the report calls it." },
  about: { kind: "text", about: "What it is to show." },
  target: { kind: "group", fields: TARGET, required: true, about: "The server." },
  websocket: { kind: "group", fields: WEBSOCKET, about: "Frames, for protocol websocket." },
  http: { kind: "group", fields: HTTP, default: "fields", about: "Requests, for protocol http-publish." },
  sse: { kind: "group", fields: SSE, default: "fields", about: "Requests, for protocol sse." },
  agents: { kind: "group", fields: AGENTS, default: "fields", about: "Processes that make the load." },
  populations: { kind: "groups", fields: POPULATION, required: true, about: "Who connects and what they do." },
  phases: { kind: "groups", fields: PHASE, required: true, about: "What happens, in order." },
  drain: { kind: "duration", default: "10s", about: "Longest wait for what is under way when sending has ended." },
  seed: {
    kind: "integer",
    default: 1,
    min: 0,
    max: 4_294_967_295,
    about: "Of payload sizes, think times and spreads.",
  },
  limits: { kind: "group", fields: LIMITS, default: "fields", about: "What the run fails on." },
  search: {
    kind: "group",
    fields: SEARCH,
    about: "Finds the highest rate that keeps a latency, in place of hold phases.",
  },
} as const satisfies FieldTable;

export type Scenario = ValuesOf<typeof SCENARIO>;
export type Target = Scenario["target"];
export type PopulationSpec = Scenario["populations"][number];
export type PublishSpec = NonNullable<PopulationSpec["publish"]>;
export type SubscribeSpec = NonNullable<PopulationSpec["subscribe"]>;
export type PhaseSpec = Scenario["phases"][number];
export type Limits = Scenario["limits"];
export type SearchSpec = NonNullable<Scenario["search"]>;
export type WebsocketSpec = NonNullable<Scenario["websocket"]>;
export type HttpSpec = Scenario["http"];
export type SseSpec = Scenario["sse"];
export type Protocol = (typeof PROTOCOLS)[number];
