import type { Cancel } from "../clock.ts";
import { type Figures, SysTopics } from "../transport/mqtt/sys.ts";
import type { Gateway } from "./gateway.ts";

/** Publishes what a gateway says of itself below `$SYS/broker`. Returns what ends it. */
export function publishFigures(gateway: Gateway, version: string): Cancel {
  const { services, options } = gateway;
  const startedAt = services.clock.now();
  const figures = (): Promise<Figures> => figuresOf(gateway, version, startedAt);
  const topics = new SysTopics({ services, interval: options.mqtt.sysInterval, figures });
  return () => topics.stop();
}

/** Under the names that MQTT brokers use. Counts are since the start. */
async function figuresOf(gateway: Gateway, version: string, startedAt: number): Promise<Figures> {
  const { services, flusher, streams, mqtt } = gateway;
  const { counters, sessions, hub, clock } = services;
  const stored = (await mqtt?.context.store.count()) ?? 0;
  return {
    version: `tidegate version ${version}`,
    uptime: `${Math.floor((clock.now() - startedAt) / 1000)} seconds`,
    "clients/connected": sessions.size,
    "clients/mqtt": mqtt?.context.roster.size ?? 0,
    "clients/opened": counters.opened,
    "sessions/stored": stored,
    "subscriptions/topics": hub.groups,
    "subscriptions/shared": mqtt?.context.shared.size ?? 0,
    "messages/received": counters.commands,
    "publish/messages/received": total(counters.published),
    "publish/messages/sent": flusher.counters.deliveries,
    "publish/messages/waiting": streams.all.reduce((sum, { appender }) => sum + appender.depth, 0),
    "store/messages/offset": streams.all.reduce((sum, { log }) => sum + log.head(), 0),
    "errors/count": total(counters.errors),
    "memory/resident": process.memoryUsage.rss(),
  };
}

function total(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}
