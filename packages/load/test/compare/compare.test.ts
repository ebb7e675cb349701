import { expect, test } from "bun:test";
import { compareResults, judgeRow } from "../../src/compare/compare.ts";
import { renderComparison } from "../../src/compare/text.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import type { RunResult } from "../../src/result/types.ts";

interface Given {
  /** Microseconds of every delivery. */
  readonly latency: number;
  readonly lost?: number;
  readonly rate?: number;
}

function resultOf({ latency, lost = 0, rate = 100 }: Given): RunResult {
  const histogram = new Histogram();
  for (let i = 0; i < 100; i++) histogram.record(latency);
  const data = histogram.toData();
  const none = new Histogram().toData();
  return {
    version: 1,
    meta: {
      ...{ name: "run", date: "2026-01-01T00:00:00.000Z", tool: "0", seconds: 10, agents: 1, interrupted: false },
      ...{ target: { protocol: "tidegate", urls: [] }, machine: {}, populations: [] },
      scenario: { name: "run", populations: [{ rate }] },
    },
    ...{ phases: [], series: [], verdict: { passed: true, reasons: [] }, notes: [] },
    totals: {
      ...{ opened: 1, attempted: 100, sent: 100, acked: 100, delivered: 100, bytesOut: 0, bytesIn: 0, errors: {} },
      ...{ examples: [], peakDelivered: 100, peakConnections: 1, latency: data, ack: none, connect: none },
    },
    correctness: [
      {
        ...{ population: "p", protocol: "tidegate", subscriptions: 1, expected: 100, received: 100, lost },
        ...{ repeated: 0, reordered: 0, delayed: 0, foreign: 0, maxLatency: latency, examples: [] },
      },
    ],
  };
}

test("LG53 a run beside itself shows no change and no difference", () => {
  const run = resultOf({ latency: 1000 });
  const { rows, differences } = compareResults(run, run);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.map(judgeRow)).toEqual(rows.map(() => "same"));
  expect(differences).toEqual([]);
});

test("LG53 a higher latency is worse, a lower one better, and a loss where none was is worse", () => {
  const judged = (before: Given, after: Given, name: string): string | undefined => {
    const row = compareResults(resultOf(before), resultOf(after)).rows.find((each) => each.name === name);
    return row && judgeRow(row);
  };
  expect(judged({ latency: 1000 }, { latency: 2000 }, "delivery P99")).toBe("worse");
  expect(judged({ latency: 1000 }, { latency: 500 }, "delivery P99")).toBe("better");
  expect(judged({ latency: 1000 }, { latency: 1010 }, "delivery P99")).toBe("same");
  expect(judged({ latency: 1000 }, { latency: 1000, lost: 1 }, "lost")).toBe("worse");
});

test("LG54 where the scenarios differ is said with both values", () => {
  const comparison = compareResults(resultOf({ latency: 1 }), resultOf({ latency: 1, rate: 200 }));
  expect(renderComparison(comparison, ["a", "b"])).toContain("populations.0.rate: 100, then 200");
});
