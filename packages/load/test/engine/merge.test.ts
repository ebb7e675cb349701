import { expect, test } from "bun:test";
import { mergeCorrectness, mergeHistograms, sumCounts } from "../../src/master/merge.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import type { Correctness, Counts } from "../../src/result/types.ts";

function histogramOf(...values: readonly number[]) {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toData();
}

test("LG20 LG21 what agents found of a population is put together: sums, the longest latency, some examples", () => {
  const first: Correctness = {
    ...{ population: "members", protocol: "tidegate", subscriptions: 1, expected: 2, received: 3, lost: 4 },
    ...{ repeated: 5, reordered: 6, delayed: 7, foreign: 8, maxLatency: 9, examples: ["a"] },
  };
  const other: Correctness = { ...first, population: "others" };
  const second: Correctness = {
    ...{ ...first, subscriptions: 10, expected: 20, received: 30, lost: 40, repeated: 50, reordered: 60, delayed: 70 },
    ...{ foreign: 80, maxLatency: 8, examples: Array.from({ length: 30 }, (_, i) => `${i}`) },
  };
  const [members, ...rest] = mergeCorrectness([[first, other], [second]]);
  expect(members).toMatchObject({
    ...{ population: "members", subscriptions: 11, expected: 22, received: 33, lost: 44, repeated: 55, reordered: 66 },
    ...{ delayed: 77, foreign: 88, maxLatency: 9 },
  });
  expect(members!.examples).toEqual(["a", ...second.examples.slice(0, 19)]);
  expect(rest).toEqual([other]);
});

test("LG22 counts and latencies of agents are summed, errors by their kind", () => {
  const [latency, ack, connect] = [histogramOf(10), histogramOf(20, 30), histogramOf()];
  const one: Counts = {
    ...{ opened: 1, attempted: 2, sent: 3, acked: 4, delivered: 5, bytesOut: 6, bytesIn: 7 },
    ...{ errors: { refused: 1, late: 2 }, latency, ack, connect },
  };
  const two: Counts = {
    ...{ opened: 10, attempted: 20, sent: 30, acked: 40, delivered: 50, bytesOut: 60, bytesIn: 70 },
    ...{ errors: { late: 20, other: 3 }, latency, ack, connect },
  };
  expect(sumCounts([one, two])).toEqual({
    ...{ opened: 11, attempted: 22, sent: 33, acked: 44, delivered: 55, bytesOut: 66, bytesIn: 77 },
    errors: { refused: 1, late: 22, other: 3 },
  });
  expect(mergeHistograms([latency, ack, connect])).toEqual(histogramOf(10, 20, 30));
  expect(mergeHistograms([])).toEqual(connect);
});
