import { escaped } from "./escape.ts";

/** Points of one line; a gap where `y` is not a number. */
export interface Line {
  readonly label: string;
  /** Number of its colour, from 1; the same for the same thing in all charts. */
  readonly colour: number;
  /** Of the run that another is compared with. */
  readonly dashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A part of the x axis with a name: a phase. */
export interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the picture tells, for who cannot see it and who has not seen one before. */
  readonly about: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly lines: readonly Line[];
  readonly spans?: readonly Span[];
}

export interface AxisSpec {
  readonly name: string;
  readonly log?: boolean;
  readonly format: (value: number) => string;
  /** What a unit has a thousand of: 1000 if absent, 1024 for bytes. */
  readonly thousand?: number;
}

const WIDTH = 860;
const HEIGHT = 300;
const BOX = { left: 74, right: WIDTH - 16, top: 26, bottom: HEIGHT - 44 } as const;

/** A chart as an SVG whose colours are those of the page it stands in. */
export function drawChart(chart: Chart): string {
  const points = chart.lines.flatMap((line) => line.points).filter(([, y]) => Number.isFinite(y));
  if (points.length === 0) return "";
  const x = axis(
    chart.x,
    points.map(([at]) => at),
    BOX.left,
    BOX.right,
  );
  const y = axis(
    chart.y,
    points.map(([, at]) => at),
    BOX.bottom,
    BOX.top,
  );
  const parts = [
    ...(chart.spans ?? []).map((span, i) => drawSpan(span, i, x)),
    ...y.ticks.map((tick) => `<path class="grid" d="M${BOX.left} ${n(y.at(tick))}H${BOX.right}"/>`),
    ...y.ticks.map((tick) => text(BOX.left - 8, y.at(tick) + 4, chart.y.format(tick), "end")),
    ...x.ticks.map((tick) => text(x.at(tick), BOX.bottom + 18, chart.x.format(tick), "middle")),
    text((BOX.left + BOX.right) / 2, HEIGHT - 8, chart.x.name, "middle"),
    text(BOX.left, 14, chart.y.name, "start"),
    ...chart.lines.map((line) => drawLine(line, x, y)),
  ];
  const legend = chart.lines.map(
    ({ label, colour, dashed }) => `<li class="c${colour}${dashed ? " dashed" : ""}">${escaped(label)}</li>`,
  );
  return `<figure id="${chart.id}"><h2>${escaped(chart.title)}</h2><p>${escaped(chart.about)}</p>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">${parts.join("")}</svg></div>
<ul class="legend">${legend.join("")}</ul></figure>`;
}

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

function axis({ log, thousand }: AxisSpec, values: readonly number[], from: number, to: number): Axis {
  return log === true ? logarithmic(values, from, to) : linear(values, from, to, thousand ?? 1000);
}

/** Begins at 0, so that heights compare; ends a little above the highest value. */
function linear(values: readonly number[], from: number, to: number, thousand: number): Axis {
  const high = (values.reduce((most, value) => Math.max(most, value), 0) || 1) * HEADROOM;
  const unit = thousand ** Math.floor(Math.log(high) / Math.log(thousand));
  const power = unit * 10 ** Math.floor(Math.log10(high / unit / 5));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => high / each <= 6) ?? high;
  const ticks = Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => i * step);
  return { ticks, at: (value) => from + (value / high) * (to - from) };
}

/** Room for the names of phases above the lines. */
const HEADROOM = 1.12;

function logarithmic(values: readonly number[], from: number, to: number): Axis {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(known.reduce((least, value) => Math.min(least, value), Infinity)));
  const high = Math.log10(known.reduce((most, value) => Math.max(most, value), 0));
  const top = Math.max(low + 1, Math.ceil(high - 0.01));
  const ticks = Array.from({ length: top - low + 1 }, (_, i) => 10 ** (low + i));
  return { ticks, at: (value) => from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (top - low)) * (to - from) };
}

function drawLine({ points, colour, dashed }: Line, x: Axis, y: Axis): string {
  let path = "";
  let pen = "M";
  for (const [across, up] of points) {
    if (!Number.isFinite(up)) pen = "M";
    else {
      path += `${pen}${n(x.at(across))} ${n(y.at(up))}`;
      pen = "L";
    }
  }
  return `<path class="line c${colour}${dashed ? " dashed" : ""}" d="${path}"/>`;
}

/** Every other one is shaded; names only where there is room. */
function drawSpan({ name, from, to }: Span, index: number, x: Axis): string {
  const [left, right] = [Math.max(BOX.left, x.at(from)), Math.min(BOX.right, x.at(to))];
  if (right <= left) return "";
  const room = name.length * 7 + 8 < right - left;
  const shade = `<rect class="span${index % 2}" x="${n(left)}" y="${BOX.top}" width="${n(right - left)}" height="${BOX.bottom - BOX.top}"/>`;
  return shade + (room ? text((left + right) / 2, BOX.top + 14, name, "middle", "phase") : "");
}

function text(x: number, y: number, content: string, anchor: string, kind = "tick"): string {
  return `<text class="${kind}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
