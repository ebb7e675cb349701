import { MemoryPresence } from "../adapters/memory/presence.ts";
import { openNatsBus } from "../adapters/nats/bus.ts";
import type { NatsAccess } from "../adapters/nats/options.ts";
import { SharedRevocations } from "../auth/index.ts";
import type { Bus } from "../cluster/bus.ts";
import { isEldest } from "../cluster/eldest.ts";
import { LoneNode } from "../cluster/lone-node.ts";
import type { Nodes, NodeView } from "../cluster/nodes.ts";
import { NodeRegistry } from "../cluster/registry.ts";
import type { Options } from "../options/index.ts";
import type { PresenceFigures } from "../observe/metrics.ts";
import { ClusterPresence } from "../presence/cluster/presence.ts";
import type { Presence } from "../presence/presence.ts";
import { natsAccess } from "./nats.ts";
import type { GatewayParts } from "./parts.ts";

export interface ClusterParts extends Pick<GatewayParts, "options" | "clock" | "logger" | "revocations" | "random"> {
  /** Of this node: unlike that of any other node or run. */
  readonly id: string;
  /** Called from `start` on. */
  readonly describe: () => NodeView;
}

/** The nodes, as one of them that tells and ends. */
export type OwnNode = Nodes & Pick<NodeRegistry, "start" | "announce" | "close">;

interface Opened {
  readonly nodes: OwnNode;
  readonly presence: Presence;
  /** The rest is of a gateway among others. */
  readonly bus?: Bus;
  readonly presenceFigures?: () => PresenceFigures;
  readonly revocations?: SharedRevocations;
}

/** What a gateway has in common with others; for a gateway alone, the same of itself. */
export class Cluster {
  readonly nodes: OwnNode;
  readonly presence: Presence;
  /** Undefined for a gateway alone. */
  readonly bus: Bus | undefined;
  /** Undefined for a gateway alone. */
  readonly presenceFigures: (() => PresenceFigures) | undefined;

  readonly #revocations: SharedRevocations | undefined;

  private constructor({ nodes, presence, bus, presenceFigures, revocations }: Opened) {
    this.nodes = nodes;
    this.presence = presence;
    this.bus = bus;
    this.presenceFigures = presenceFigures;
    this.#revocations = revocations;
  }

  /** A gateway alone. */
  static alone({ options, clock, id, describe }: ClusterParts): Cluster {
    const nodes = new LoneNode({ clock, id, settings: options.cluster, describe });
    return new Cluster({ nodes, presence: new MemoryPresence({ clock }) });
  }

  /** Rejects with a sentence for the operator if there is no NATS. */
  static async open(parts: ClusterParts, nats: NatsAccess): Promise<Cluster> {
    const { options, clock, logger, random, id, describe, revocations } = parts;
    const warn = (message: string): void => logger.warn(message);
    const bus = await openNatsBus({ ...nats, cluster: options.cluster.name, clock, warn });
    const nodes = new NodeRegistry({ bus, clock, random, id, describe, logger, settings: options.cluster });
    const presence = new ClusterPresence({ bus, nodes, clock, random, logger, ...presenceTimes(options.cluster) });
    const shared = new SharedRevocations({ bus, self: id, clock, random, revocations, logger });
    return new Cluster({ nodes, presence, bus, presenceFigures: () => presence.figures, revocations: shared });
  }

  /** Resolves when this node may let clients in: it knows what the others refuse. */
  async prepare(): Promise<void> {
    await this.#revocations?.start();
  }

  /** For people and metrics. */
  get busState(): "up" | "down" | "none" {
    if (this.bus === undefined) return "none";
    return this.bus.isUp ? "up" : "down";
  }

  /** Whether this gateway does what one of them has to do for all. */
  get isEldest(): boolean {
    return this.bus === undefined || isEldest(this.nodes);
  }

  /** Whether any other gateway takes clients; of those who share nothing with this one nobody knows. */
  get hasOthers(): boolean {
    const { self, all } = this.nodes;
    return this.bus === undefined || all.some(({ id, draining }) => id !== self && !draining);
  }

  /** The members go first, then the node says goodbye, and the bus takes that along. */
  async close(): Promise<void> {
    await this.presence.close();
    this.#revocations?.close();
    this.nodes.close();
    await this.bus?.close();
  }
}

/** The others answer the hello of this gateway within a tenth of a heartbeat, and it says hello as soon as it listens. */
function presenceTimes({ heartbeat, lease }: Options["cluster"]): { readonly settle: number; readonly maxAge: number } {
  return { settle: 300 + heartbeat / 5, maxAge: Math.max(30_000, 2 * lease) };
}

/** A gateway alone, unless its options or the caller say where others are. */
export function openCluster(parts: GatewayParts, describe: () => NodeView): Promise<Cluster> {
  const nats = parts.nats ?? natsAccess(parts.options);
  const own = { ...parts, id: parts.randomId().slice(0, 8), describe };
  return nats === undefined ? Promise.resolve(Cluster.alone(own)) : Cluster.open(own, nats);
}
