import { Counter, Gauge, Registry } from "prom-client";
import type { Stream } from "../log/stream.ts";
import type { FlushCounters } from "../delivery/flusher.ts";
import type { SessionCounters } from "../session/services.ts";

/** Where the figures are when somebody scrapes; until then nobody counts for the metrics' sake. */
export interface MetricSources {
  readonly sessions: () => number;
  readonly groups: () => number;
  /** Filters that logs were asked for; undefined where they give every message. */
  readonly asked?: (() => number) | undefined;
  readonly refused: () => number;
  readonly counters: SessionCounters;
  readonly flush: FlushCounters;
  readonly streams: readonly Stream[];
  /** Milliseconds that the event loop came late, at most, since the last call. */
  readonly loopLag: () => number;
  readonly version: string;
  readonly cluster: ClusterSource;
}

export interface ClusterSource {
  readonly nodes: { readonly all: readonly { readonly draining: boolean }[] };
  readonly busState: "up" | "down" | "none";
  /** Undefined for a gateway alone. */
  readonly presenceFigures?: (() => PresenceFigures) | undefined;
}

export interface PresenceFigures {
  /** Of all gateways, in all topics. */
  readonly members: number;
  /** Those whose sessions are on this node. */
  readonly own: number;
  readonly isWhole: boolean;
  readonly holes: number;
  readonly snapshots: number;
}

/** The registry behind /metrics. Labels are namespaces, reasons and durabilities: few, whatever clients do. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry();
  registerConnections(registry, sources);
  registerMessages(registry, sources);
  registerLogs(registry, sources.streams);
  registerCluster(registry, sources.cluster);
  registerProcess(registry, sources);
  return registry;
}

function registerConnections(registry: Registry, sources: MetricSources): void {
  const { sessions, groups, asked, refused, counters } = sources;
  gauge(registry, "tidegate_connections", "Open connections.", sessions);
  gauge(registry, "tidegate_groups", "Topics and filters that somebody is subscribed to.", groups);
  if (asked !== undefined)
    gauge(registry, "tidegate_log_filters", "Topics and filters that this node asked shared logs for.", asked);
  counter(registry, "tidegate_connections_opened_total", "Connections opened.", () => counters.opened);
  counter(registry, "tidegate_connections_closed_total", "Connections that ended.", () => counters.closed);
  counter(registry, "tidegate_connections_refused_total", "Connections refused by a limit.", refused);
  labelled(registry, "tidegate_closes_total", "Connections closed by the server.", "reason", counters.closes);
}

function registerMessages(registry: Registry, { counters, flush }: MetricSources): void {
  counter(registry, "tidegate_commands_total", "Commands received.", () => counters.commands);
  labelled(registry, "tidegate_published_total", "Messages taken for storage.", "namespace", counters.published);
  labelled(registry, "tidegate_errors_total", "Commands answered with an error.", "reason", counters.errors);
  counter(registry, "tidegate_deliveries_total", "Messages times receivers.", () => flush.deliveries);
  counter(registry, "tidegate_delivery_writes_total", "Batches times receivers.", () => flush.writes);
  counter(registry, "tidegate_lagging_total", "Times that a slow client was made to skip.", () => counters.lagged);
  gauge(
    registry,
    "tidegate_delivery_delay_max_seconds",
    "Longest time from intake to delivery since the last scrape.",
    () => {
      const { slowest } = flush;
      flush.slowest = 0;
      return slowest / 1000;
    },
  );
}

function registerLogs(registry: Registry, streams: readonly Stream[]): void {
  const measure = (name: string, help: string, read: (stream: Stream) => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ["durability", "shard"],
        registers: [],
        collect() {
          for (const stream of streams) this.set(labelsOf(stream), read(stream));
        },
      }),
    );
  measure("tidegate_log_offset", "Newest offset that this node knows of.", ({ log, dispatched }) =>
    Math.max(log.head(), dispatched),
  );
  measure("tidegate_log_waiting", "Messages that wait to be stored.", ({ appender }) => appender.depth);
  const received = "Messages that came live from the log: those that clients of this node asked for, or all.";
  const sum = (): number => streams.reduce((total, stream) => total + stream.received, 0);
  counter(registry, "tidegate_log_received_total", received, sum);
}

/** Shards are named only where there are several. */
function labelsOf({ log: { durability }, shard }: Stream): { durability: string; shard?: number } {
  return shard === undefined ? { durability } : { durability, shard };
}

function registerCluster(registry: Registry, cluster: ClusterSource): void {
  const count = (draining: boolean): number => cluster.nodes.all.filter((node) => node.draining === draining).length;
  registry.registerMetric(
    new Gauge({
      name: "tidegate_nodes",
      help: "Nodes of the cluster that this one knows, itself among them.",
      labelNames: ["state"],
      registers: [],
      collect() {
        this.set({ state: "working" }, count(false));
        this.set({ state: "draining" }, count(true));
      },
    }),
  );
  if (cluster.busState === "none") return;
  gauge(registry, "tidegate_bus_up", "Whether this node can reach the others.", () =>
    Number(cluster.busState === "up"),
  );
  if (cluster.presenceFigures !== undefined) registerPresence(registry, cluster.presenceFigures);
}

function registerPresence(registry: Registry, figures: () => PresenceFigures): void {
  gauge(registry, "tidegate_presence_members", "Members of all nodes, in all topics.", () => figures().members);
  gauge(registry, "tidegate_presence_own_members", "Members whose sessions are here.", () => figures().own);
  gauge(registry, "tidegate_presence_whole", "Whether all members of all nodes are known.", () =>
    Number(figures().isWhole),
  );
  const holes = "Times that changes of another node's members were missed.";
  counter(registry, "tidegate_presence_holes_total", holes, () => figures().holes);
  const snapshots = "Times that the others were told all members of this node.";
  counter(registry, "tidegate_presence_snapshots_total", snapshots, () => figures().snapshots);
}

function registerProcess(registry: Registry, { loopLag, version }: MetricSources): void {
  gauge(
    registry,
    "tidegate_event_loop_lag_max_seconds",
    "Longest delay of the event loop since the last scrape.",
    () => loopLag() / 1000,
  );
  gauge(registry, "process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  counter(registry, "process_cpu_seconds_total", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(
    registry,
    "process_start_time_seconds",
    "When the process started.",
    () => Date.now() / 1000 - process.uptime(),
  );
  const info = new Gauge({ name: "tidegate_info", help: "Version.", labelNames: ["version"], registers: [registry] });
  info.set({ version }, 1);
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    }),
  );
}

function counter(registry: Registry, name: string, help: string, read: () => number): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(read());
      },
    }),
  );
}

function labelled(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  counts: ReadonlyMap<string, number>,
): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        this.reset();
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    }),
  );
}
