import { count, grouped } from "../text/numbers.ts";
import { safeText } from "../text/safe-text.ts";
import type { ListedNode, Listing } from "./listing.ts";

/** For people: a line for each node by name, and one for all. `now` in milliseconds since 1970. */
export function nodesTable({ self, bus, nodes }: Listing, now: number): string {
  const ordered = nodes.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const rows = ordered.map((node) => COLUMNS.map(({ cell }) => safeText(cell(node, { self, now }))));
  const head = COLUMNS.map(({ title }) => title);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const lines = [head, ...rows].map((row) => lineOf(row, widths));
  return `${lines.join("")}\n${summary(nodes)}${bus === "down" ? ALONE : ""}`;
}

interface Moment {
  readonly self: string;
  readonly now: number;
}

interface Column {
  readonly title: string;
  readonly cell: (node: ListedNode, moment: Moment) => string;
  /** Numbers stand to the right. */
  readonly right?: true;
}

const COLUMNS: readonly Column[] = [
  // The one that answered.
  { title: " ", cell: ({ id }, { self }) => (id === self ? "*" : " ") },
  { title: "NAME", cell: ({ name }) => name },
  { title: "STATE", cell: ({ draining }) => (draining ? "draining" : "working") },
  { title: "UP", cell: ({ startedAt }, { now }) => duration(now - startedAt), right: true },
  { title: "CONNECTIONS", cell: ({ load }) => grouped(load.connections), right: true },
  { title: "IN/S", cell: ({ load }) => grouped(load.published), right: true },
  { title: "OUT/S", cell: ({ load }) => grouped(load.delivered), right: true },
  { title: "CPU", cell: ({ load }) => `${grouped(load.cpu * 100)} %`, right: true },
  { title: "MEMORY", cell: ({ load }) => `${grouped(load.memory / 2 ** 20)} MB`, right: true },
  { title: "LAG", cell: ({ load }) => `${grouped(load.lag)} ms`, right: true },
  { title: "VERSION", cell: ({ version }) => version },
  { title: "ID", cell: ({ id }) => id },
  { title: "URL", cell: ({ url }) => url },
];

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) =>
    COLUMNS[i]?.right === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
  );
  return `${cells.join("  ").trimEnd()}\n`;
}

function summary(nodes: readonly ListedNode[]): string {
  const sum = (figure: "connections" | "published" | "delivered"): number =>
    nodes.reduce((all, { load }) => all + load[figure], 0);
  const draining = nodes.filter((node) => node.draining).length;
  const state = draining > 0 ? ` (${draining} draining)` : "";
  const messages = `${grouped(sum("published"))} messages/s in, ${grouped(sum("delivered"))} out`;
  return `${count(nodes.length, "node")}${state}, ${count(sum("connections"), "connection")}, ${messages}\n`;
}

/** The two largest units: `3d 4h`, `7m 2s`. Another machine's clock may be ahead. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = UNITS.map(([unit, size, within]) => [Math.floor(seconds / size) % within, unit] as const);
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .map(([value, unit]) => `${value}${unit}`)
    .join(" ");
}

const UNITS = [
  ["d", 86_400, Infinity],
  ["h", 3600, 24],
  ["m", 60, 60],
  ["s", 1, 60],
] as const;

const ALONE = "The node that answered cannot reach the others now: what it says of them is of before.\n";
