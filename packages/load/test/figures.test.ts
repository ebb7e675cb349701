import { expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram } from "../src/measure/histogram.ts";
import { Tally } from "../src/measure/tally.ts";
import { atLeast, atMost, moreThan, tableOf } from "../src/report/result.ts";
import { renderMarkdown, renderText } from "../src/report/render.ts";
import { OpenLoop } from "../src/scenario/open-loop.ts";
import { Series } from "../src/report/series.ts";

test("LG8 a quantile is the true one or at most 1.6 % above it", () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (recorded, q) => {
      const histogram = new Histogram();
      for (const value of recorded) histogram.record(value);
      const sorted = recorded.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
      const quantile = histogram.quantile(q);
      expect(quantile).toBeGreaterThanOrEqual(exact);
      expect(quantile).toBeLessThanOrEqual(exact < 64 ? exact : exact * 1.016);
    }),
  );
});

test("LG8 values out of range count at its ends", () => {
  const histogram = new Histogram();
  for (const value of [-5, 0.4, 2 ** 40]) histogram.record(value);
  expect([histogram.count, histogram.quantile(0.5), histogram.max]).toEqual([3, 0, 2 ** 40]);
});

test("LG9 latency counts from the due moment, and only of messages that were due in time", () => {
  const tally = new Tally();
  tally.measureFrom(1000);
  tally.delivery(999, 1500);
  tally.delivery(1000, 1040);
  expect(tally.delivered).toBe(2);
  expect([tally.latency.count, tally.latency.max]).toEqual([1, 40]);
});

test("LG9 a late generator still passes on the moments at which its sends were due", () => {
  let now = 1000;
  const due: number[] = [];
  const loop = new OpenLoop({ rate: 100, send: (micros) => void due.push(micros) }, { micros: () => now, origin: 0 });
  now = 32_000;
  loop.tick();
  loop.tick();
  expect(due).toEqual([1000, 11_000, 21_000, 31_000]);
  expect(loop.lateness.max).toBe(31_000);
});

test("LG12 ratios are of the same round, and their median counts", () => {
  const series = new Series();
  for (const [base, other] of [
    [10, 20],
    [100, 300],
    [1000, 4000],
  ] as const) {
    series.add("base", { rate: base });
    series.add("other", { rate: other });
  }
  expect(series.ratio("other", "base", "rate")).toEqual({ median: 3, min: 2, max: 4 });
  expect(series.spread("other", "rate")).toEqual({ median: 300, min: 20, max: 4000 });
});

test("LG14 a missing figure meets no bar", () => {
  expect(atLeast("x", undefined, 1).met).toBe(false);
  expect(atMost("x", undefined, 1).met).toBe(false);
  expect(moreThan("x", undefined, 1).met).toBe(false);
  expect([atLeast("x", 1, 1).met, atMost("x", 1, 1).met, moreThan("x", 1, 1).met]).toEqual([true, true, false]);
});

test("LG12 LG14 text and Markdown show ratios and bars", () => {
  const series = new Series();
  series.add("base", { rate: 1000 });
  series.add("other", { rate: 2500 });
  const tables = [tableOf("Rates", series, [{ key: "rate", label: "per s", digits: 0, ratio: true }], "base")];
  const shared = {
    name: "x",
    title: "X",
    command: "npm run x",
    date: "2026-01-01T00:00:00Z",
    machine: {},
    parameters: {},
  };
  const result = { ...shared, tables, bars: [atLeast("other", undefined, 3)], notes: [] };
  expect(renderText(result)).toContain("NOT met: other: not measured (wanted: at least 3)");
  expect(renderMarkdown(result)).toContain("| other | 2,500 | 2.50 |");
});
