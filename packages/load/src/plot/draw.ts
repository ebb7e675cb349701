import { drawBars } from "./bars.ts";
import { drawLines } from "./lines.ts";
import type { Plot } from "./plot.ts";

/** The text of an SVG file. */
export function draw(plot: Plot): string {
  return plot.kind === "bars" ? drawBars(plot) : drawLines(plot);
}
