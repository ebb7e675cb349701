import type { Comparison } from "../compare/compare.ts";
import { cellsOf } from "../compare/text.ts";
import { drawChart } from "./chart.ts";
import { chartsOf } from "./charts.ts";
import { escaped } from "./escape.ts";
import { list, page, section, table } from "./page.ts";

/** Two runs as one HTML file: their figures side by side, their lines in the same pictures. */
export function renderComparisonPage(comparison: Comparison, names: readonly [string, string]): string {
  const { before, after, rows, differences } = comparison;
  const shown = [
    { label: names[0], result: before },
    { label: names[1], result: after },
  ];
  const body = [
    `<h1>${escaped(`${names[0]} and ${names[1]}`)}</h1>`,
    `<p>${escaped(`${before.meta.name}, ${before.meta.date} · ${after.meta.name}, ${after.meta.date}`)}</p>`,
    section("Where the scenarios differ", list(differences)),
    section("Figures", table(["", ...names, "change", ""], rows.map(cellsOf))),
    ...chartsOf(shown).map(drawChart),
  ];
  return page(`${names[0]} and ${names[1]}`, body.join("\n"));
}
