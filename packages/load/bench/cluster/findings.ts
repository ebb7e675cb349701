import type { Metric, WordTable } from "../../src/report/result.ts";
import type { Series } from "../../src/report/series.ts";
import { percentileMetrics } from "../support/percentiles.ts";
import { shareKey } from "./watch.ts";

export const TRAFFIC: readonly Metric[] = [
  { key: "rate", label: "a second", digits: 0, ratio: true },
  { key: "perCpu", label: "per s of CPU of all processes", digits: 0, ratio: true },
  { key: "cpu", label: "CPU % of all", digits: 0 },
  { key: "agents", label: "generator CPU %", digits: 0 },
];

export const HELD: readonly Metric[] = [
  { key: "held", label: "held", digits: 0 },
  { key: "empty", label: "empty gateways, RSS MB", digits: 0 },
  { key: "rss", label: "RSS bytes a connection", digits: 0 },
  { key: "anonymous", label: "anonymous bytes a connection", digits: 0 },
  { key: "loadedRss", label: "RSS under load", digits: 0 },
  { key: "loadedAnonymous", label: "anonymous under load", digits: 0 },
  { key: "nats", label: "NATS, RSS MB more", digits: 0 },
];

export const LOADED: readonly Metric[] = [
  { key: "connects", label: "connections/s while they come", digits: 0 },
  { key: "connectP99", label: "set-up P99 ms", digits: 1 },
  { key: "acks", label: "publishes/s", digits: 0 },
  { key: "deliveries", label: "deliveries/s", digits: 0 },
  ...percentileMetrics(1, "p50", "p99", "p999"),
  { key: "ackP99", label: "acknowledged, P99 ms", digits: 1 },
  { key: "cpu", label: "CPU % of all", digits: 0 },
  { key: "perCpu", label: "deliveries per s of CPU of all", digits: 0 },
];

/** Which process used how much of the CPU that all of a row used. */
export function sharesOf(title: string, series: Series, parts: readonly string[]): WordTable {
  const cell = (server: string, part: string): string => {
    const share = series.spread(server, shareKey(part))?.median;
    return share === undefined ? "-" : `${Math.round(share)} %`;
  };
  const rows = series.servers.map((server) => [server, ...parts.map((part) => cell(server, part))]);
  return { title, rows: [["", ...parts], ...rows] };
}
