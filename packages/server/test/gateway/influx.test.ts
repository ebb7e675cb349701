import { expect, test } from "bun:test";
import { watchInflux } from "../../src/gateway/influx.ts";
import { newCounters } from "../../src/session/services.ts";
import { FakeClock } from "../support/fake-clock.ts";

function watched(sessions: number) {
  const clock = new FakeClock();
  const counters = newCounters();
  counters.opened = sessions;
  let collections = 0;
  const stop = watchInflux(clock, counters, () => collections++);
  const come = (count: number): void => {
    counters.opened += count;
    clock.advance(50);
  };
  return { clock, counters, stop, come, collections: () => collections };
}

test("R81 memory is collected for each thousand sessions that come to a small gateway", () => {
  const { come, collections } = watched(0);
  come(999);
  expect(collections()).toBe(0);
  come(1);
  expect(collections()).toBe(1);
  come(999);
  expect(collections()).toBe(1);
  come(2000);
  expect(collections()).toBe(2);
});

test("R81 with many sessions there, a sixteenth of them must come", () => {
  const { come, counters, collections } = watched(150_000);
  come(9999);
  expect(collections()).toBe(0);
  come(1);
  expect(collections()).toBe(1);
  // Who has left counts for nothing.
  counters.closed = 145_000;
  come(1000);
  expect(collections()).toBe(2);
});

test("R81 it ends with the gateway", () => {
  const { clock, stop } = watched(0);
  stop();
  expect(clock.timers).toBe(0);
});
