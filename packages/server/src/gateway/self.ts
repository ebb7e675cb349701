import { hostname } from "node:os";
import { LoadMeter } from "../cluster/load-meter.ts";
import type { NodeView } from "../cluster/nodes.ts";
import type { Options } from "../options/index.ts";
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

/** How this node is known to people and to others. `url`: where it listens. */
export function nameAndUrl({ cluster }: Options, url: string): { readonly name: string; readonly url: string } {
  const place = new URL(cluster.advertise ?? url);
  // It listens on all addresses: others must be told one that they can reach.
  if (place.hostname === "0.0.0.0" || place.hostname === "[::]") place.hostname = hostname();
  const port = place.port || (place.protocol === "https:" ? "443" : "80");
  return { name: cluster.nodeName ?? `${hostname()}:${new URL(url).port || port}`, url: place.href };
}
