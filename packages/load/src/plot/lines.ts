import type { LinePlot, Point } from "./plot.ts";
import { COLOURS, figure, round, svg, textAt } from "./svg.ts";

/** Pixels. */
const WIDTH = 760;
const HEIGHT = 400;
const PLOT = { left: 70, right: 170, top: 44, bottom: 54 } as const;

/** One of the two axes: logarithmic, since the figures span several powers of ten. */
interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Lines over two logarithmic axes. */
export function drawLines({ title, x, y, lines }: LinePlot): string {
  const points = lines.flatMap((line) => line.points);
  const across = axis(
    points.map((point) => point.x),
    PLOT.left,
    WIDTH - PLOT.right,
  );
  const up = axis(
    points.map((point) => point.y),
    HEIGHT - PLOT.bottom,
    PLOT.top,
  );
  const bottom = HEIGHT - PLOT.bottom;
  const parts = [
    textAt(12, 24, title, { size: 15, weight: "bold" }),
    ...across.ticks.map((tick) => textAt(across.at(tick), bottom + 18, figure(tick), { anchor: "middle" })),
    ...up.ticks.map((tick) => textAt(PLOT.left - 8, up.at(tick) + 4, figure(tick), { anchor: "end" })),
    ...across.ticks.map((tick) => grid(`M${round(across.at(tick))} ${PLOT.top}V${bottom}`)),
    ...up.ticks.map((tick) => grid(`M${PLOT.left} ${round(up.at(tick))}H${WIDTH - PLOT.right}`)),
    textAt((PLOT.left + WIDTH - PLOT.right) / 2, HEIGHT - 12, x, { anchor: "middle", colour: COLOURS.quiet }),
    textAt(PLOT.left, PLOT.top - 6, y, { colour: COLOURS.quiet }),
    ...lines.map((line, i) => drawLine(line, COLOURS.lines[i % COLOURS.lines.length]!, across, up)),
  ];
  return svg(WIDTH, HEIGHT, parts, title);
}

function drawLine({ label, points }: LinePlot["lines"][number], colour: string, across: Axis, up: Axis): string {
  const at = ({ x, y }: Point): string => `${round(across.at(x))} ${round(up.at(y))}`;
  const last = points.at(-1);
  const dots = points.map(
    (point) => `<circle cx="${round(across.at(point.x))}" cy="${round(up.at(point.y))}" r="3" fill="${colour}"/>`,
  );
  const notes = points.flatMap((point) =>
    point.label === undefined
      ? []
      : [textAt(across.at(point.x) + 6, up.at(point.y) - 6, point.label, { size: 10, colour: COLOURS.quiet })],
  );
  const name = last === undefined ? "" : textAt(across.at(last.x) + 10, up.at(last.y) + 4, label, { colour });
  return `<path d="M${points.map(at).join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>${[...dots, ...notes].join("")}${name}`;
}

function axis(values: readonly number[], from: number, to: number): Axis {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...known)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known))));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { ticks, at: (value) => from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from) };
}

function grid(path: string): string {
  return `<path d="${path}" stroke="${COLOURS.grid}"/>`;
}
