import { expect, test } from "bun:test";
import { watchExodus } from "../../src/gateway/exodus.ts";
import { newCounters } from "../../src/session/services.ts";
import { FakeClock } from "../support/fake-clock.ts";

function watched(sessions: number) {
  const clock = new FakeClock();
  const counters = newCounters();
  counters.opened = sessions;
  let collections = 0;
  const stop = watchExodus(clock, counters, () => collections++);
  const leave = (count: number): void => {
    counters.closed += count;
    clock.advance(100);
  };
  return { clock, stop, leave, collections: () => collections };
}

test("R80: memory is collected once when half of all sessions have gone together", () => {
  const { leave, collections } = watched(10_000);
  leave(4999);
  expect(collections()).toBe(0);
  leave(1);
  expect(collections()).toBe(1);
  leave(0);
  expect(collections()).toBe(1);
});

test("R80: nothing is collected for fewer than a thousand, however small the rest", () => {
  const { leave, collections } = watched(1000);
  leave(999);
  expect(collections()).toBe(0);
  leave(1);
  expect(collections()).toBe(1);
});

test("R80: sessions that go one after the other over a longer time are no exodus", () => {
  const { clock, leave, collections } = watched(10_000);
  for (let i = 0; i < 2; i++) {
    leave(3000);
    clock.advance(10_000);
  }
  expect(collections()).toBe(0);
});

test("R80: it ends with the gateway", () => {
  const { clock, stop } = watched(0);
  stop();
  expect(clock.timers).toBe(0);
});
