import { pino } from "pino";
import type { Clock } from "../../../src/clock.ts";
import type { MemoryBus } from "../../../src/adapters/memory/bus.ts";
import { MemoryBusHub } from "../../../src/adapters/memory/bus-hub.ts";
import { ClusterPresence } from "../../../src/presence/cluster/presence.ts";
import type { PresenceChange } from "../../../src/presence/presence.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeNodes } from "./fake-nodes.ts";

export const TOPIC = "chat/room";
export const SETTINGS = { grace: 5_000, maxMembers: 1_000 };

export interface TestGateway {
  readonly id: string;
  readonly bus: MemoryBus;
  readonly nodes: FakeNodes;
  readonly presence: ClusterPresence;
  /** `+ann -bob 1`: who joined, who left, and the count. */
  readonly told: string[];
  readonly lines: string[];
}

export interface TestGatewayOptions {
  readonly isWatched?: boolean;
  /** Its own, where it goes wrong. */
  readonly clock?: Clock;
  readonly settle?: number;
  readonly maxAge?: number;
}

/** Gateways of one cluster in one process; who is a node of it is said by the test. */
export class TestCluster {
  readonly clock = new FakeClock();
  readonly hub = new MemoryBusHub({ clock: this.clock });
  readonly gateways: TestGateway[] = [];

  /** All know one another at once. */
  open(id: string, options: TestGatewayOptions = {}): TestGateway {
    const nodes = new FakeNodes(id);
    for (const other of this.gateways) nodes.join(other.id);
    const gateway = this.#open(id, nodes, options);
    for (const other of this.gateways) other.nodes.join(id);
    this.gateways.push(gateway);
    return gateway;
  }

  /** Gateways that know one another, each with a member of its own (`at-a`); what was told up to now is forgotten. */
  async openWithMembers<Ids extends readonly string[]>(...ids: Ids): Promise<{ [I in keyof Ids]: TestGateway }> {
    const gateways = ids.map((id) => this.open(id));
    await this.advance(1000);
    for (const gateway of gateways) enter(gateway, `at-${gateway.id}`);
    await this.advance(2000);
    takeTold(...gateways);
    return gateways as { [I in keyof Ids]: TestGateway };
  }

  /** The others find that it is not there any more; `lost` is what they find when its lease is over. */
  async close(gateway: TestGateway, why: "stopped" | "lost"): Promise<void> {
    this.gateways.splice(this.gateways.indexOf(gateway), 1);
    if (why === "lost") gateway.bus.cut({ silently: true });
    await gateway.presence.close();
    await this.advance(0);
    for (const other of this.gateways) other.nodes.leave(gateway.id, why);
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.gateways.map(({ presence }) => presence.close()));
  }

  #open(id: string, nodes: FakeNodes, { isWatched = true, ...times }: TestGatewayOptions): TestGateway {
    const bus = this.hub.open();
    const lines: string[] = [];
    const logger = pino({ level: "info" }, { write: (line) => void lines.push(line) });
    const presence = new ClusterPresence({ clock: this.clock, bus, nodes, random: () => 0.5, logger, ...times });
    const told: string[] = [];
    if (isWatched) presence.watch({ changed: (_, change) => void told.push(textOf(change)) });
    return { id, bus, nodes, presence, told, lines };
  }
}

export function enter({ presence }: TestGateway, user: string, info?: string, session = `${user}-session`): void {
  presence.enter(TOPIC, session, { user, info }, SETTINGS);
}

export function exit({ presence }: TestGateway, user: string, gone = false, session = `${user}-session`): void {
  presence.exit(TOPIC, session, gone);
}

/** What each was told since it was last asked. */
export function takeTold(...gateways: readonly TestGateway[]): string[][] {
  return gateways.map(({ told }) => told.splice(0));
}

/** Names and info, sorted. */
export async function membersOf({ presence }: TestGateway, topic = TOPIC): Promise<readonly string[]> {
  const { members, count } = await presence.query(topic, 1_000_000);
  if (members.length !== count) throw new Error(`${count} were counted and ${members.length} listed`);
  return members.map(({ user, info }) => (info === undefined ? user : `${user}=${info}`)).toSorted();
}

function textOf({ joined, left, count }: PresenceChange): string {
  const names = [...joined.map(({ user }) => `+${user}`), ...left.map(({ user }) => `-${user}`)];
  return [...names, count].join(" ");
}

/** Promises that wait for nothing but one another are done. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
