import { count, duration, micros, percent, short } from "../figures/format.ts";
import { quantilesOf } from "../figures/latency.ts";
import { headline } from "../figures/verdict.ts";
import type { HistogramData } from "../measure/histogram-data.ts";
import type { RunResult } from "../result/types.ts";
import { drawChart } from "./chart.ts";
import { chartsOf } from "./charts.ts";
import { escaped } from "./escape.ts";
import { list, page, section, table } from "./page.ts";

/** A run as one HTML file: nothing in it is fetched from elsewhere. */
export function renderReport(result: RunResult): string {
  const { meta, notes, totals, search } = result;
  const body = [
    head(result),
    list(notes.map(({ kind, text }) => (kind === "bottleneck" ? `The tool was the limit: ${text}` : text))),
    section("Figures", table(["", "count", "a second, on average"], countRows(result))),
    section("Latency", latencyTable(result)),
    search === undefined ? "" : section("Search", searchTable(search)),
    ...chartsOf([{ label: "", result }]).map(drawChart),
    section("What each population got", correctnessTable(result)),
    section("Phases", phaseTable(result)),
    section("Errors", errorList(totals)),
    section("Machine", table(["", ""], [...Object.entries(meta.machine), ["agents", String(meta.agents)]])),
    `<details><summary>Scenario</summary><pre>${escaped(JSON.stringify(meta.scenario, undefined, 2))}</pre></details>`,
  ];
  return page(`${meta.name}: load`, body.join("\n"));
}

function head(result: RunResult): string {
  const { meta, verdict } = result;
  const { state, text } = headline(result);
  const about = meta.about === undefined ? "" : `<p>${escaped(meta.about)}</p>`;
  const when = `${meta.date.slice(0, 16).replace("T", " ")} UTC, ${duration(meta.seconds)}, tidegate ${meta.tool}`;
  return `<h1>${escaped(meta.name)}</h1>${about}
<p>${escaped(`${meta.target.protocol} ${meta.target.urls.join(", ")}`)}<br>${escaped(when)}</p>
<p class="verdict ${state}">${escaped(text)}</p>${list(verdict.reasons)}`;
}

function countRows({ totals, meta }: RunResult): string[][] {
  const row = (name: string, value: number): string[] => [name, count(value), short(value / Math.max(1, meta.seconds))];
  return [
    row("connections made", totals.opened),
    ["connections at most", count(totals.peakConnections), ""],
    row("messages due", totals.attempted),
    row("messages sent", totals.sent),
    row("messages acknowledged", totals.acked),
    row("messages delivered", totals.delivered),
    ["delivered in the busiest second", count(totals.peakDelivered), ""],
    row("bytes sent", totals.bytesOut),
    row("bytes received", totals.bytesIn),
  ];
}

const QUANTILES = ["P50", "P90", "P99", "P99.9", "P99.99", "highest"] as const;

function latencyTable({ totals }: RunResult): string {
  const rows = [
    ...latencyRow("delivery, from the due moment", totals.latency),
    ...latencyRow("acknowledgement, from the due moment", totals.ack),
    ...latencyRow("connection, until it is ready", totals.connect),
  ];
  return rows.length === 0 ? "" : table(["", "measured", ...QUANTILES], rows);
}

function latencyRow(name: string, data: HistogramData): string[][] {
  if (data.count === 0) return [];
  const { p50, p90, p99, p999, p9999, max } = quantilesOf(data);
  return [[name, count(data.count), ...[p50, p90, p99, p999, p9999, max].map(micros)]];
}

function correctnessTable({ correctness }: RunResult): string {
  if (correctness.length === 0) return "";
  const head = ["", "subscriptions", "due", "received", "lost", "repeated", "reordered", "delayed", "foreign"];
  const rows = correctness.map((each) => [
    each.population,
    ...[each.subscriptions, each.expected, each.received, each.lost].map(count),
    ...[each.repeated, each.reordered, each.delayed, each.foreign].map(count),
  ]);
  return table(head, rows) + list(correctness.flatMap(({ examples }) => examples));
}

function phaseTable({ phases }: RunResult): string {
  const rows = phases.map(({ name, kind, from, to, load, latency }) => {
    const { p50, p99, max } = quantilesOf(latency);
    const figures = latency.count === 0 ? ["", "", ""] : [p50, p99, max].map(micros);
    return [name, kind, duration(to - from), percent(load), ...figures];
  });
  return table(["", "kind", "took", "load", "P50", "P99", "highest"], rows);
}

function searchTable({ trials }: NonNullable<RunResult["search"]>): string {
  const rows = trials.map(({ rate, kept, p99, lost, reason }) => [
    `${count(rate)} /s`,
    kept ? "kept" : "not kept",
    micros(p99),
    count(lost),
    reason ?? "",
  ]);
  return table(["rate", "the goal was", "P99", "lost", "why"], rows);
}

function errorList({ errors, examples }: RunResult["totals"]): string {
  const kinds = Object.entries(errors).map(([kind, times]) => `${kind}: ${count(times)}`);
  return kinds.length === 0 ? "" : list([...kinds, ...examples]);
}
