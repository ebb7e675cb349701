import { expect, test } from "bun:test";
import { LoadMeter } from "../../src/cluster/load-meter.ts";
import { LoopLag } from "../../src/observe/loop-lag.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("ND30 rates are since the figures before, and a moment later the same figures are given again", () => {
  const clock = new FakeClock();
  const counts = { connections: 3, published: 1000, delivered: 5000, cpu: 9_000_000 };
  const meter = new LoadMeter(clock, {
    connections: () => counts.connections,
    subscriptions: () => 4,
    published: () => counts.published,
    delivered: () => counts.delivered,
    cpu: () => counts.cpu,
    memory: () => 5,
    lag: () => 1.26,
  });
  const still = { connections: 3, subscriptions: 4, memory: 5, lag: 1.3 };
  expect(meter.take()).toEqual({ ...still, published: 0, delivered: 0, cpu: 0 });
  counts.published += 300;
  counts.delivered += 3000;
  // Half a second of CPU in two seconds.
  counts.cpu += 500_000;
  clock.advance(2000);
  const figures = { ...still, published: 150, delivered: 1500, cpu: 0.25 };
  expect(meter.take()).toEqual(figures);
  counts.published += 100;
  counts.connections = 2;
  clock.advance(499);
  expect(meter.take()).toEqual({ ...figures, connections: 2 });
  clock.advance(501);
  expect(meter.take()).toEqual({ ...still, connections: 2, published: 100, delivered: 0, cpu: 0 });
});

test("ND31 each reader of the lag gets the worst since it asked itself", () => {
  const clock = new FakeClock();
  const lag = new LoopLag(clock);
  const [often, rarely] = [lag.reader(), lag.reader()];
  clock.jump(250);
  clock.advance(0);
  expect(often()).toBe(150);
  clock.advance(1000);
  expect(often()).toBe(0);
  expect(rarely()).toBe(150);
  lag.stop();
});
