import type { Bar, Cell, Metric, Result, Table } from "./result.ts";

/** A result for the terminal. */
export function renderText(result: Result): string {
  const figures = result.tables.map((table) => `${table.title}\n${aligned(gridOf(table))}`);
  const words = (result.words ?? []).map(({ title, rows }) => `${title}\n${aligned(rows)}`);
  const tables = [...figures, ...words];
  return [`${result.title}`, ...tables, ...barLines(result.bars), ...result.notes.map((note) => `Note: ${note}`)].join(
    "\n\n",
  );
}

/** A result as a section of a Markdown page. */
export function renderMarkdown(result: Result): string {
  const figures = result.tables.map((table) => `${table.title}\n\n${markdownTable(gridOf(table))}`);
  const words = (result.words ?? []).map(({ title, rows }) => `${title}\n\n${markdownTable(rows)}`);
  const plots = (result.plots ?? []).map(({ file, title }) => `![${title}](benchmarks/${file}.svg)`);
  const tables = [...plots, ...figures, ...words];
  const bars = result.bars.map((bar) => `- ${barText(bar)}`).join("\n");
  const notes = result.notes.map((note) => `- ${note}`).join("\n");
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name} ${value}`);
  const origin = `\`${result.command}\`, ${result.date.slice(0, 10)}; ${parameters.join(", ")}.`;
  return [`### ${result.title}`, origin, ...tables, bars, notes].filter((part) => part !== "").join("\n\n");
}

function barText({ text, value, wanted, met }: Bar): string {
  const figure = Number.isNaN(value) ? "not measured" : String(Number(value.toPrecision(3)));
  return `${met ? "met" : "NOT met"}: ${text}: ${figure} (wanted: ${wanted})`;
}

function barLines(bars: readonly Bar[]): string[] {
  return bars.length === 0 ? [] : [`Bars\n${bars.map((bar) => `  ${barText(bar)}`).join("\n")}`];
}

/** First row and first column are the headings. */
function gridOf({ metrics, rows, base }: Table): string[][] {
  const head = metrics.flatMap((metric) => headings(metric, base));
  return [
    ["", ...head],
    ...rows.map(({ server, cells }) => [server, ...metrics.flatMap((m) => figures(m, base, cells[m.key]))]),
  ];
}

function headings({ label, ratio }: Metric, base: string | undefined): string[] {
  return ratio === true && base !== undefined ? [label, `× ${base}`] : [label];
}

function figures({ digits, ratio }: Metric, base: string | undefined, cell: Cell | undefined): string[] {
  const figure = cell === undefined ? "-" : withSpread(cell, digits);
  if (ratio !== true || base === undefined) return [figure];
  return [figure, cell?.ratio === undefined ? "-" : withSpread(cell.ratio, 2)];
}

function withSpread({ median, min, max }: Cell, digits: number): string {
  const text = (value: number): string =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text(min) === text(max) ? text(median) : `${text(median)} (${text(min)}-${text(max)})`;
}

function aligned(grid: readonly (readonly string[])[]): string {
  const widths = (grid[0] ?? []).map((_, column) => Math.max(...grid.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join("  ");
  return grid.map((row) => `  ${line(row)}`).join("\n");
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
