import { LoadMeter } from "../cluster/load-meter.ts";
import type { NodeView } from "../cluster/nodes.ts";
import { nameAndUrl } from "./cluster.ts";
import type { Gateway } from "./gateway.ts";

export interface SelfParts {
  readonly version: string;
  /** Milliseconds that the event loop came late, at most, since the last call. */
  readonly lag: () => number;
}

/** What a gateway says of itself to the other nodes. */
export function selfDescription(gateway: Gateway, { version, lag }: SelfParts): () => NodeView {
  const { services, flusher } = gateway;
  const { clock, sessions, hub, counters, isStopping } = services;
  const startedAt = clock.now();
  const meter = new LoadMeter(clock, {
    connections: () => sessions.size,
    subscriptions: () => hub.groups,
    published: () => counters.published.values().reduce((sum, count) => sum + count, 0),
    delivered: () => flusher.counters.deliveries,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    memory: () => process.memoryUsage.rss(),
    lag,
  });
  return () => ({
    id: services.nodeId,
    ...nameAndUrl(gateway.options, gateway.url),
    version,
    startedAt,
    draining: isStopping(),
    load: meter.take(),
  });
}
