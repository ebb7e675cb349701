import { pino } from "pino";
import { NodeRegistry } from "../../../src/cluster/registry.ts";
import { ClusterPresence } from "../../../src/presence/cluster/presence.ts";
import type { PresenceChange } from "../../../src/presence/presence.ts";
import { viewOf } from "../../cluster/node-bench.ts";
import type { Random } from "../../support/random.ts";
import type { Network, NetworkBus } from "./network.ts";

const LEASE = 4_000;
const SETTINGS = { grace: 3_000, maxMembers: 100_000 };

/** A client's place at a gateway. */
export interface Stay {
  readonly topic: string;
  readonly user: string;
}

/**
 * A gateway of the simulation: its presence, who really is there, and somebody in each topic who hears every change from the
 * beginning on and lets none pass that contradicts the ones before.
 */
export class Seat {
  readonly id: string;
  readonly bus: NetworkBus;
  readonly presence: ClusterPresence;
  readonly sessions = new Map<string, Stay>();
  readonly followed = new Map<string, Set<string>>();
  /** All that was told, for the reader of a failure. */
  readonly told: string[] = [];
  readonly #registry: NodeRegistry;
  readonly #network: Network;
  /** Members that an answer has shown may be told again (P12): then only the end is looked at. */
  readonly #isStrict: boolean;

  constructor(id: string, network: Network, random: Random, { topics, isStrict }: SeatOptions) {
    this.id = id;
    this.bus = network.open(id);
    this.#network = network;
    this.#isStrict = isStrict;
    const { clock } = network;
    this.#registry = new NodeRegistry({
      bus: this.bus,
      clock,
      random: random.next,
      logger: { info: () => undefined, warn: () => undefined },
      id,
      describe: () => viewOf(id),
      settings: { heartbeat: 1000, lease: LEASE },
    });
    const logger = pino({ level: "silent" });
    this.presence = new ClusterPresence({ clock, bus: this.bus, nodes: this.#registry, random: random.next, logger });
    this.presence.watch({ changed: (topic, change) => this.#changed(topic, change) });
    for (const topic of topics) this.enter(`${id}-watcher-${topic}`, { topic, user: `watcher-${id}` });
    void this.#registry.start();
  }

  enter(session: string, { topic, user }: Stay, info?: string): void {
    this.sessions.set(session, { topic, user });
    this.presence.enter(topic, session, { user, info }, SETTINGS);
  }

  exit(session: string, gone: boolean): void {
    const stay = this.sessions.get(session);
    if (stay === undefined) return;
    this.sessions.delete(session);
    this.presence.exit(stay.topic, session, gone);
  }

  /** It says goodbye; its clients lost their connections. */
  async stop(): Promise<void> {
    for (const session of [...this.sessions.keys()]) this.exit(session, false);
    await this.presence.close();
    this.#registry.close();
    await this.bus.close();
  }

  async kill(): Promise<void> {
    this.bus.cut(true);
    await this.stop();
  }

  membersIn(topic: string): readonly string[] {
    return [...this.sessions.values()].filter((stay) => stay.topic === topic).map(({ user }) => user);
  }

  #changed(topic: string, { joined, left, count }: PresenceChange): void {
    const now = this.#network.clock.now() % 1_000_000;
    const names = [...joined.map(({ user }) => `+${user}`), ...left.map(({ user }) => `-${user}`)].join(" ");
    this.told.push(`${now} ${topic} ${names} ${count}`);
    const known = this.followed.get(topic) ?? new Set<string>();
    this.followed.set(topic, known);
    for (const { user } of left) if (!known.delete(user) && this.#isStrict) this.#fail(`${user} left unknown`);
    for (const { user } of joined) {
      if (known.has(user) && this.#isStrict) this.#fail(`${user} joined twice`);
      known.add(user);
    }
    if (known.size !== count && this.#isStrict) this.#fail(`the count ${count} is not that of ${known.size} members`);
  }

  #fail(what: string): never {
    throw new Error(`at ${this.id}: ${what}\n${this.told.join("\n")}`);
  }
}

export interface SeatOptions {
  readonly topics: readonly string[];
  readonly isStrict: boolean;
}
