import { namespaceOf } from "@tidegate/protocol";
import { loadOptions, type NamespaceSettings, type Options } from "../../src/options/index.ts";
import type { LogManner } from "./simulated-log.ts";
import { Random } from "../support/random.ts";

/** What one seed's world is like. */
export interface Config {
  readonly seed: number;
  readonly steps: number;
  readonly bareClients: number;
  readonly sdkClients: number;
  readonly log: LogManner;
  /** How many share the logs. */
  readonly gateways: number;
  /** Where this seed's messages go, and what its clients subscribe to. */
  readonly topics: readonly string[];
  readonly filters: readonly string[];
  /** Messages that a client sometimes publishes at once. */
  readonly flood: number;
  /** Others in each topic, who only cost writes: they make the flusher pause. */
  readonly crowd: number;
  readonly kills: boolean;
  readonly losses: boolean;
  readonly stalls: boolean;
  /** Bytes that the network takes of what a client has not read. */
  readonly capacity: number;
  readonly maxBuffered: number;
  /** Milliseconds: bound of the flusher's pause. */
  readonly maxDelay: number;
  readonly commitDelay: number;
  /** Milliseconds that tokens live; 0: for ever. */
  readonly tokenLife: number;
  /** Whether closing a socket calls its close handler before the call returns. */
  readonly tellsAtOnce: boolean;
}

export function configOf(seed: number): Config {
  const random = new Random(seed);
  return {
    seed,
    steps: random.int(100, 300),
    bareClients: random.int(1, 4),
    sdkClients: random.chance(0.3) ? random.int(1, 2) : 0,
    ...places(random),
    flood: random.chance(0.85) ? 0 : random.pick([250, 250, 250, 1100]),
    crowd: random.chance(0.85) ? 0 : 1000,
    log: {
      slow: random.chance(0.6),
      earlyReads: random.chance(0.5),
      byInterest: false,
      failures: random.chance(0.3) ? 0.05 : 0,
    },
    gateways: 1,
    kills: random.chance(0.5),
    losses: random.chance(0.8),
    stalls: random.chance(0.6),
    capacity: random.pick([200, 1000, 10_000]),
    maxBuffered: random.pick([600, 2000, 100_000]),
    maxDelay: random.pick([0, 5, 25]),
    commitDelay: random.pick([0, 0, 3]),
    tokenLife: random.chance(0.3) ? 20_000 : 0,
    tellsAtOnce: random.chance(0.5),
  };
}

/** The same with several gateways on logs that go by interest. */
export function clusterOf(seed: number): Config {
  const config = configOf(seed);
  return { ...config, gateways: 1 + (seed % 3), log: { ...config.log, byInterest: true } };
}

/** Topics and filters of one namespace, or of several. */
function places(random: Random): Pick<Config, "topics" | "filters"> {
  const namespace = random.maybe(0.5, namespaceOf(random.pick(TOPICS)));
  const isIn = (topic: string) => namespace === undefined || namespaceOf(topic) === namespace;
  const filters = FILTERS.filter(isIn);
  return {
    topics: some(random, TOPICS.filter(isIn), random.int(1, 4)),
    filters: filters.length === 0 ? [] : some(random, filters, random.int(0, 2)),
  };
}

function some<T>(random: Random, all: readonly T[], count: number): readonly T[] {
  return Array.from({ length: count }, () => random.pick(all));
}

/** Whether nothing of the filter's topics is ever removed in a run. */
export function isKept(filter: string): boolean {
  return ["chat", "batch", "user", "mem"].includes(namespaceOf(filter));
}

type Changes = { readonly [K in keyof NamespaceSettings]?: Partial<NamespaceSettings[K]> | NamespaceSettings[K] };

/** One namespace for each way of treating messages. */
const NAMESPACES: Readonly<Record<string, Changes>> = {
  chat: {},
  // Retention really removes messages here, by number and by age.
  small: { history: { size: 4, age: 20_000 } },
  skip: { slowConsumer: "skip", history: { size: 6 } },
  batch: { batch: { delay: 40, messages: 4 } },
  mem: { durability: "memory", slowConsumer: "skip" },
  // A session skips only if all of its subscriptions do, and signed-in clients have one here.
  user: { slowConsumer: "skip" },
};

const TOPICS = [
  "chat/a",
  "chat/b",
  "chat/a/x",
  "small/a",
  "small/b",
  "skip/a",
  "skip/b",
  "batch/a",
  "batch/b",
  "mem/a",
  "mem/b",
  "user/u0",
  "user/u1",
] as const;

const FILTERS = ["chat/+", "chat/#", "small/#", "skip/+", "batch/#", "mem/+", "#", "+/a"] as const;

/** Milliseconds in which a message id is known. */
export const ID_WINDOW = 30_000;

const BASE = loadOptions({ env: {}, flags: {} });

/** The options of the product as they are, with what a seed's world needs changed. */
export function optionsOf(config: Config): Options {
  const defaults = changed(BASE.namespaceDefaults, {
    messageIdWindow: ID_WINDOW,
    ackWait: 2000,
    history: { size: 100_000 },
    presence: { grace: 1000 },
  });
  return {
    ...BASE,
    namespaceDefaults: defaults,
    namespaces: new Map(Object.entries(NAMESPACES).map(([name, changes]) => [name, changed(defaults, changes)])),
    websocket: { ...BASE.websocket, maxBuffered: config.maxBuffered },
    delivery: { ...BASE.delivery, maxDelay: config.maxDelay },
    log: { ...BASE.log, commitDelay: config.commitDelay },
    auth: { ...BASE.auth, graceAfterExpiry: 1000 },
  };
}

function changed(settings: NamespaceSettings, changes: Changes): NamespaceSettings {
  const all = Object.entries(changes).map(([name, change]) => {
    const before = settings[name as keyof NamespaceSettings];
    return [name, typeof change === "object" && !Array.isArray(change) ? Object.assign({}, before, change) : change];
  });
  return { ...settings, ...(Object.fromEntries(all) as object) };
}
