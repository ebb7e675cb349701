import { BUSY_CPU } from "../figures/bottleneck.ts";
import { bytes, count, micros, millis, percent, perSecond } from "../figures/format.ts";
import { quantilesOf } from "../figures/latency.ts";
import { FAULT_KINDS, faultsOf } from "../figures/totals.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { AgentSample, Second } from "../result/types.ts";
import type { Cell, Row } from "./layout.ts";
import { piece, type Tone } from "./paint.ts";
import type { ProgressView } from "./view.ts";

/** Agents that are shown one by one; more are summed up. */
const SHOWN_AGENTS = 4;

export function connectionRow({ connections, wanted, opened, errors }: Second): Row {
  const failed = (errors["connect"] ?? 0) + (errors["refused"] ?? 0) + (errors["timeout"] ?? 0);
  const tone: Tone = connections === wanted ? "strong" : "warn";
  const cells: Cell[] = [[piece(count(connections), tone), piece(` of ${count(wanted)}`, "dim")]];
  if (opened > 0) cells.push([piece(`+${count(opened)} /s`)]);
  if (failed > 0) cells.push([piece(`${count(failed)} /s failed`, "bad")]);
  return { label: "connections", cells };
}

export function rateRows({ attempted, sent, acked, delivered, bytesIn, bytesOut }: Second): readonly Row[] {
  const behind = sent < attempted * 0.99 && attempted - sent > 1;
  return [
    {
      label: "messages",
      cells: [
        named("sent", perSecond(sent), behind ? "warn" : "strong"),
        ...(behind ? [named("due", perSecond(attempted), "warn")] : []),
        named("acked", perSecond(acked)),
        named("delivered", perSecond(delivered), "strong"),
      ],
    },
    { label: "bytes", cells: [named("out", `${bytes(bytesOut)}/s`), named("in", `${bytes(bytesIn)}/s`)] },
  ];
}

export function latencyRows(last: HistogramData, whole: HistogramData): readonly Row[] {
  return [
    { label: "latency", cells: latencyCells(last, "strong") },
    { label: "  whole run", cells: latencyCells(whole, "plain") },
  ];
}

function latencyCells(data: HistogramData, tone: Tone): readonly Cell[] {
  if (data.count === 0) return [[piece("no delivery yet", "dim")]];
  const { p50, p95, p99, max } = quantilesOf(data);
  const figures = { P50: p50, P95: p95, P99: p99, max };
  return Object.entries(figures).map(([name, value]) => named(name, micros(value).padStart(7), tone));
}

export function errorRow(errors: ProgressView["errors"]): Row {
  const kinds = Object.entries(errors).toSorted(([, a], [, b]) => b - a);
  const cells = kinds.map(([kind, n]) => named(kind, count(n), "bad"));
  return { label: "errors", cells: cells.length === 0 ? [[piece("none", "good")]] : cells };
}

export function correctnessRow(correctness: ProgressView["correctness"]): Row {
  const faults = faultsOf(correctness);
  const cells = FAULT_KINDS.map((kind) => named(kind, count(faults[kind]), faults[kind] > 0 ? "bad" : "good"));
  return { label: "wrong", cells };
}

export function agentRow(agents: readonly AgentSample[]): Row {
  const label = agents.length === 1 ? "agent" : "agents";
  if (agents.length <= SHOWN_AGENTS) return { label, cells: agents.map(agentCell) };
  const busiest = agents.toSorted((a, b) => b.cpu - a.cpu)[0]!;
  const lag = Math.max(...agents.map((agent) => agent.lag));
  return { label, cells: [[piece(`${agents.length}, the busiest `), ...agentCell({ ...busiest, lag })]] };
}

function agentCell({ cpu, lag }: AgentSample): Cell {
  return [piece(percent(cpu), cpu > BUSY_CPU ? "warn" : "plain"), piece(" cpu ", "dim"), ...named("lag", millis(lag))];
}

export function serverRow({ server }: Second): readonly Row[] {
  if (server === undefined) return [];
  return [{ label: "server", cells: [[piece(percent(server.cpu)), piece(" cpu", "dim")], [piece(bytes(server.rss))]] }];
}

function named(name: string, value: string, tone: Tone = "plain"): Cell {
  return [piece(`${name} `, "dim"), piece(value, tone)];
}
