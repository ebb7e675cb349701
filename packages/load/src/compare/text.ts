import { percent } from "../figures/format.ts";
import { changeOf, type Comparison, judgeRow, type Row } from "./compare.ts";

/** For the terminal. `names` are those of the files. */
export function renderComparison({ rows, differences }: Comparison, names: readonly [string, string]): string {
  const grid = [["", ...names, "change", ""], ...rows.map(cellsOf)];
  const widths = grid[0]!.map((_, column) => Math.max(...grid.map((cells) => cells[column]!.length)));
  const lines = grid.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
  const notes =
    differences.length === 0 ? [] : ["", "The scenarios differ:", ...differences.map((each) => `  ${each}`)];
  return `${[...lines, ...notes].map((line) => line.trimEnd()).join("\n")}\n`;
}

/** Name, both values, the change, and whether that is better. */
export function cellsOf(row: Row): string[] {
  const value = (figure: number | undefined): string => (figure === undefined ? "–" : row.format(figure));
  const change = changeOf(row);
  const judged = judgeRow(row);
  return [
    row.name,
    value(row.before),
    value(row.after),
    change === undefined ? "" : `${change > 0 ? "+" : ""}${percent(change)}`,
    judged === "same" ? "" : judged,
  ];
}
