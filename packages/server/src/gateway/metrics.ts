import { createMetrics } from "../observe/metrics.ts";
import type { Gateway } from "./gateway.ts";

export interface MetricsParts {
  readonly version: string;
  /** Milliseconds that the event loop came late, at most, since the last call. */
  readonly lag: () => number;
}

/** The text of `/metrics`. */
export function metricsOf(gateway: Gateway, { version, lag }: MetricsParts): () => Promise<string> {
  const { services, admission, flusher, streams, cluster } = gateway;
  const { sessions, hub, counters } = services;
  const registry = createMetrics({
    sessions: () => sessions.size,
    groups: () => hub.groups,
    asked: hub.asked,
    refused: () => admission.refused,
    counters,
    flush: flusher.counters,
    streams: streams.all,
    loopLag: lag,
    cluster,
    version,
  });
  return () => registry.metrics();
}
