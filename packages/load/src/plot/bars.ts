import type { Bar, BarPlot } from "./plot.ts";
import { COLOURS, figure, svg, textAt } from "./svg.ts";

/** Pixels. */
const WIDTH = 760;
const LABELS = 150;
const FIGURES = 90;
const ROW = 26;
const TOP = 52;
const THICKNESS = 16;

/** Horizontal bars from zero, each with its figure and a line from its lowest to its highest round. */
export function drawBars({ title, unit, bars }: BarPlot): string {
  const most = Math.max(...bars.map(({ max }) => max), Number.MIN_VALUE);
  const scale = (WIDTH - LABELS - FIGURES) / most;
  const rows = bars.map((bar, row) => drawBar(bar, TOP + row * ROW, scale));
  const head = [textAt(12, 22, title, { size: 15, weight: "bold" }), textAt(12, 40, unit, { colour: COLOURS.quiet })];
  return svg(WIDTH, TOP + bars.length * ROW + 10, [...head, ...rows], title);
}

function drawBar({ label, value, min, max, own }: Bar, y: number, scale: number): string {
  const middle = y + THICKNESS / 2;
  const end = LABELS + value * scale;
  const spread = `M${LABELS + min * scale} ${middle}H${LABELS + max * scale}`;
  return [
    textAt(LABELS - 8, middle + 4, label, { anchor: "end" }),
    `<rect x="${LABELS}" y="${y}" width="${Math.max(1, end - LABELS)}" height="${THICKNESS}" rx="2" fill="${own ? COLOURS.own : COLOURS.other}"/>`,
    `<path d="${spread}" stroke="${COLOURS.ink}" stroke-width="1.5"/>`,
    textAt(LABELS + Math.max(value, max) * scale + 8, middle + 4, figure(value), {}),
  ].join("");
}
