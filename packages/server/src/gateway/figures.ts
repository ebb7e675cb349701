import type { Figures } from "../transport/mqtt/sys.ts";
import type { Gateway } from "./gateway.ts";

/** The figures of `$SYS/broker`, under the names that MQTT brokers use. Counts are since the start. */
export function figuresOf(gateway: Gateway, version: string, started: number): () => Promise<Figures> {
  return async () => {
    const { services, flusher, streams, mqtt } = gateway;
    const { counters, sessions, hub, clock } = services;
    const stored = (await mqtt?.context.store.count()) ?? 0;
    const published = [...counters.published.values()].reduce((sum, count) => sum + count, 0);
    return {
      version: `tidegate version ${version}`,
      uptime: `${Math.floor((clock.now() - started) / 1000)} seconds`,
      "clients/connected": sessions.size,
      "clients/mqtt": mqtt?.context.roster.size ?? 0,
      "clients/opened": counters.opened,
      "sessions/stored": stored,
      "subscriptions/topics": hub.groups,
      "subscriptions/shared": mqtt?.context.shared.size ?? 0,
      "messages/received": counters.commands,
      "publish/messages/received": published,
      "publish/messages/sent": flusher.counters.deliveries,
      "publish/messages/waiting": streams.all.reduce((sum, { appender }) => sum + appender.depth, 0),
      "store/messages/offset": streams.all.reduce((sum, { log }) => sum + log.head(), 0),
      "errors/count": [...counters.errors.values()].reduce((sum, count) => sum + count, 0),
      "memory/resident": process.memoryUsage.rss(),
    };
  };
}
