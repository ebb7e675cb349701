import { Registry } from "prom-client";
import type { FlushCounters } from "../delivery/flusher.ts";
import type { Stream } from "../log/stream.ts";
import type { SessionCounters } from "../session/services.ts";
import { Instruments } from "./instruments.ts";

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
  const instruments = new Instruments(registry);
  addConnections(instruments, sources);
  addMessages(instruments, sources);
  addLogs(instruments, sources.streams);
  addCluster(instruments, sources.cluster);
  addProcess(instruments, sources);
  return registry;
}

function addConnections(to: Instruments, { sessions, groups, asked, refused, counters }: MetricSources): void {
  to.gauge("tidegate_connections", "Open connections.", sessions);
  to.gauge("tidegate_groups", "Topics and filters that somebody is subscribed to.", groups);
  if (asked !== undefined)
    to.gauge("tidegate_log_filters", "Topics and filters that this node asked shared logs for.", asked);
  to.counter("tidegate_connections_opened_total", "Connections opened.", () => counters.opened);
  to.counter("tidegate_connections_closed_total", "Connections that ended.", () => counters.closed);
  to.counter("tidegate_connections_refused_total", "Connections refused by a limit.", refused);
  to.counters("tidegate_closes_total", "Connections closed by the server.", { reason: counters.closes });
}

function addMessages(to: Instruments, { counters, flush }: MetricSources): void {
  to.counter("tidegate_commands_total", "Commands received.", () => counters.commands);
  to.counters("tidegate_published_total", "Messages taken for storage.", { namespace: counters.published });
  to.counters("tidegate_errors_total", "Commands answered with an error.", { reason: counters.errors });
  to.counter("tidegate_deliveries_total", "Messages times receivers.", () => flush.deliveries);
  to.counter("tidegate_delivery_writes_total", "Batches times receivers.", () => flush.writes);
  to.counter("tidegate_lagging_total", "Times that a slow client was made to skip.", () => counters.lagged);
  const slowest = "Longest time from intake to delivery since the last scrape.";
  to.gauge("tidegate_delivery_delay_max_seconds", slowest, () => {
    const worst = flush.slowest;
    flush.slowest = 0;
    return worst / 1000;
  });
}

function addLogs(to: Instruments, streams: readonly Stream[]): void {
  const measure = (name: string, help: string, read: (stream: Stream) => number): void =>
    to.gauges(name, help, ["durability", "shard"], () => streams.map((each) => [labelsOf(each), read(each)]));
  measure("tidegate_log_offset", "Newest offset that this node knows of.", ({ log, dispatched }) =>
    Math.max(log.head(), dispatched),
  );
  measure("tidegate_log_waiting", "Messages that wait to be stored.", ({ appender }) => appender.depth);
  const received = "Messages that came live from the log: those that clients of this node asked for, or all.";
  const sum = (): number => streams.reduce((total, stream) => total + stream.received, 0);
  to.counter("tidegate_log_received_total", received, sum);
}

/** Shards are named only where there are several. */
function labelsOf({ log: { durability }, shard }: Stream): { durability: string; shard?: number } {
  return shard === undefined ? { durability } : { durability, shard };
}

function addCluster(to: Instruments, cluster: ClusterSource): void {
  const count = (draining: boolean): number => cluster.nodes.all.filter((node) => node.draining === draining).length;
  to.gauges("tidegate_nodes", "Nodes of the cluster that this one knows, itself among them.", ["state"], () => [
    [{ state: "working" }, count(false)],
    [{ state: "draining" }, count(true)],
  ]);
  if (cluster.busState === "none") return;
  to.gauge("tidegate_bus_up", "Whether this node can reach the others.", () => Number(cluster.busState === "up"));
  if (cluster.presenceFigures !== undefined) addPresence(to, cluster.presenceFigures);
}

function addPresence(to: Instruments, figures: () => PresenceFigures): void {
  const whole = "Whether all members of all nodes are known.";
  const holes = "Times that changes of another node's members were missed.";
  const snapshots = "Times that the others were told all members of this node.";
  to.gauge("tidegate_presence_members", "Members of all nodes, in all topics.", () => figures().members);
  to.gauge("tidegate_presence_own_members", "Members whose sessions are here.", () => figures().own);
  to.gauge("tidegate_presence_whole", whole, () => Number(figures().isWhole));
  to.counter("tidegate_presence_holes_total", holes, () => figures().holes);
  to.counter("tidegate_presence_snapshots_total", snapshots, () => figures().snapshots);
}

function addProcess(to: Instruments, { loopLag, version }: MetricSources): void {
  const lag = "Longest delay of the event loop since the last scrape.";
  to.gauge("tidegate_event_loop_lag_max_seconds", lag, () => loopLag() / 1000);
  to.gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  to.counter("process_cpu_seconds_total", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const start = (): number => Date.now() / 1000 - process.uptime();
  to.gauge("process_start_time_seconds", "When the process started.", start);
  to.gauges("tidegate_info", "Version.", ["version"], () => [[{ version }, 1]]);
}
