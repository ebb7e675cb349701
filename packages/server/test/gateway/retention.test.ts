import { expect, test } from "bun:test";
import pino from "pino";
import { startRetention } from "../../src/gateway/retention.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

function started() {
  const clock = new FakeClock();
  const rounds: PromiseWithResolvers<void>[] = [];
  const stop = startRetention({ clock, logger: pino({ level: "silent" }) }, () => {
    const round = Promise.withResolvers<void>();
    rounds.push(round);
    return round.promise;
  });
  return { clock, rounds, stop };
}

test("L91 a trim follows 10 s after the end of the one before, also of one that failed", async () => {
  const { clock, rounds } = started();
  clock.advance(9999);
  expect(rounds).toHaveLength(0);
  clock.advance(1);
  expect(rounds).toHaveLength(1);
  clock.advance(60_000);
  expect(rounds).toHaveLength(1);
  rounds[0]?.reject(new Error("the log is away"));
  await until(() => clock.timers === 1);
  clock.advance(10_000);
  expect(rounds).toHaveLength(2);
});

test("L91 nothing is trimmed any more after the end, also if a trim was under way", async () => {
  const { clock, rounds, stop } = started();
  clock.advance(10_000);
  stop();
  rounds[0]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.timers).toBe(0);
  const other = started();
  other.stop();
  expect(other.clock.timers).toBe(0);
});
