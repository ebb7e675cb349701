import { expect, test } from "bun:test";
import fc from "fast-check";
import { searchRate, trialOf } from "../../src/master/search.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import type { Trial } from "../../src/result/types.ts";

const SPEC = { p99: 100, loss: 0, from: 50, to: 1_000_000, trial: 5000, precision: 0.05, confirm: 2 };

/** One server that takes `service` seconds for each message, one after another: what a trial of it would measure. */
function fixedService(service: number, seconds: number, unlucky: () => boolean = () => false) {
  return (rate: number): Promise<Trial> => {
    const latency = new Histogram();
    let free = 0;
    for (let due = 0; due < seconds; due += 1 / rate) {
      free = Math.max(due, free) + service;
      latency.record((free - due + (unlucky() ? 1 : 0)) * 1e6);
    }
    return Promise.resolve(trialOf({ rate, latency, lost: 0, expected: latency.count, failed: 0 }, SPEC));
  };
}

test("LG26 the search finds the limit of a server with a fixed service time within ten percent", async () => {
  const limits = fc.integer({ min: 100, max: 20_000 });
  await fc.assert(
    fc.asyncProperty(limits, async (limit) => {
      const { rate } = await searchRate(SPEC, fixedService(1 / limit, 5), () => false);
      expect(Math.abs(rate / limit - 1)).toBeLessThan(0.1);
    }),
    { numRuns: 30 },
  );
});

test("LG26 a rate that was kept by luck is tried again and given up", async () => {
  let tries = 0;
  const lucky = async (rate: number): Promise<Trial> => {
    tries += 1;
    // 1,100 is above the limit, and kept once.
    const kept = rate <= 1000 || (rate <= 1100 && tries <= 10);
    return { rate, kept, p99: 0, lost: 0 };
  };
  const { rate, trials } = await searchRate(SPEC, lucky, () => false);
  expect(rate).toBeLessThanOrEqual(1000);
  expect(rate).toBeGreaterThan(900);
  expect(trials.filter((trial) => trial.rate === rate && trial.kept).length).toBeGreaterThanOrEqual(2);
});

test("LG26 a server that keeps no rate has none, and the search ends", async () => {
  const never = (rate: number): Promise<Trial> => Promise.resolve({ rate, kept: false, p99: 1, lost: 1 });
  const { rate, trials } = await searchRate(SPEC, never, () => false);
  expect(rate).toBe(0);
  expect(trials.length).toBeLessThan(30);
});

test("LG26 a search begins at its lowest rate and goes no further than its highest", async () => {
  const spec = { ...SPEC, from: 50, to: 450 };
  const { rate, trials } = await searchRate(spec, fixedService(1 / 20_000, 5), () => false);
  expect(rate).toBe(450);
  expect(trials.map((trial) => trial.rate)).toEqual([50, 100, 200, 400, 450, 450, 450]);
});
