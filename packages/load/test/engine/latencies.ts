import type { Histogram } from "../../src/measure/histogram.ts";

/** How many values are above `value`, found by halving. */
export function slowerThan(histogram: Histogram, value: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (histogram.quantile(middle) <= value) low = middle;
    else high = middle;
  }
  return histogram.count * (1 - low);
}
