import type { MemoryBus } from "../../src/adapters/memory/bus.ts";
import { MemoryBusHub } from "../../src/adapters/memory/bus-hub.ts";
import { decodeAnnouncement } from "../../src/cluster/announcement.ts";
import type { NodeView } from "../../src/cluster/nodes.ts";
import { NodeRegistry } from "../../src/cluster/registry.ts";
import { FakeClock } from "../support/fake-clock.ts";

export const HEARTBEAT = 1000;
export const LEASE = 5000;
/** An announcement comes up to a tenth late. */
export const LATEST = HEARTBEAT * 1.1;

export function viewOf(id: string, more: Partial<NodeView> = {}): NodeView {
  const load = { connections: 1, subscriptions: 2, published: 3, delivered: 4, cpu: 0.5, memory: 6, lag: 7 };
  const url = `http://${id}:8080/`;
  return { id, name: `name of ${id}`, url, version: "1.0.0", startedAt: 1, draining: false, load, ...more };
}

/** One node of a cluster in one process, and what it was told and logged. */
export class TestNode {
  readonly bus: MemoryBus;
  readonly registry: NodeRegistry;
  readonly events: string[] = [];
  readonly warnings: string[] = [];
  draining = false;
  readonly #saidAt: () => number;

  constructor(id: string, cluster: TestCluster) {
    const { clock } = cluster;
    this.#saidAt = () => cluster.saidAt(id);
    this.bus = cluster.hub.open();
    this.registry = new NodeRegistry({
      bus: this.bus,
      clock,
      random: cluster.random,
      logger: {
        info: () => {},
        warn: (fields, message) => void this.warnings.push(`${message} ${JSON.stringify(fields)}`),
      },
      id,
      describe: () => viewOf(id, { draining: this.draining }),
      settings: { heartbeat: HEARTBEAT, lease: LEASE },
    });
    this.registry.watch({
      joined: (node) => void this.events.push(`+${node.id}`),
      left: (left, why) => void this.events.push(`-${left} ${why}`),
    });
  }

  /** When it said something last that arrived. */
  get saidAt(): number {
    return this.#saidAt();
  }

  get known(): string {
    return this.registry.all.map((node) => node.id).join();
  }

  /** As a kill -9: nothing is said. */
  kill(): void {
    this.bus.cut();
  }
}

export class TestCluster {
  readonly clock = new FakeClock();
  readonly hub = new MemoryBusHub({ clock: this.clock });
  /** By node, when it was heard last by somebody who is never cut off. */
  readonly #said = new Map<string, number>();
  #seed = 1;

  constructor() {
    this.hub.open().subscribe(["nodes"], (payload) => {
      const id = nameIn(payload);
      if (id !== undefined) this.#said.set(id, this.clock.now());
    });
  }

  saidAt(id: string): number {
    return this.#said.get(id) ?? 0;
  }

  /** The same in every run. */
  random = (): number => {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  };

  async start(id: string): Promise<TestNode> {
    const node = new TestNode(id, this);
    await node.registry.start();
    this.clock.settle();
    return node;
  }

  /** Starts them and lets each hear of all. */
  async all(...ids: readonly string[]): Promise<readonly TestNode[]> {
    const nodes: TestNode[] = [];
    for (const id of ids) nodes.push(await this.start(id));
    this.clock.advance(LATEST);
    return nodes;
  }

  /** Payloads that leave from now on, as text. */
  hear(): string[] {
    const heard: string[] = [];
    this.hub.open().subscribe(["nodes"], (payload) => void heard.push(new TextDecoder().decode(payload)));
    return heard;
  }
}

/** Who announces itself; undefined if it is no announcement of a node. */
function nameIn(payload: Uint8Array): string | undefined {
  try {
    const announcement = decodeAnnouncement(payload);
    return announcement === undefined || announcement.kind === "bye" ? undefined : announcement.node.id;
  } catch {
    return undefined;
  }
}
