import { expect, test } from "bun:test";
import { Heartbeats } from "../../src/transport/http/sse/heartbeats.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { EventReader } from "./event-reader.ts";
import { startNode } from "./harness.ts";

test("H42 each stream has its turn once in an interval, all by one timer", () => {
  const clock = new FakeClock();
  const start = clock.now();
  const beats = new Heartbeats(clock, 16_000);
  const at: number[][] = [];
  const groups = Array.from({ length: 40 }, (_, n) => {
    const times: number[] = [];
    at.push(times);
    const stream = { beat: () => void times.push(clock.now() - start) };
    const group = beats.add(stream);
    clock.advance(n % 2 === 0 ? 0 : 1000);
    return { stream, group };
  });
  expect(clock.timers).toBe(1);
  clock.advance(48_000);
  for (const times of at) {
    expect(times.length).toBeGreaterThanOrEqual(3);
    for (const [i, time] of times.entries()) if (i > 0) expect(time - (times[i - 1] ?? 0)).toBe(16_000);
  }
  // Those that began together did not begin with others: no moment writes to all.
  expect(new Set(at.map((times) => times[0])).size).toBeGreaterThan(10);
  for (const { stream, group } of groups) beats.remove(stream, group);
  expect([clock.timers, beats.size]).toEqual([0, 0]);
});

test("H42 the first sign of life comes no later than an interval after the beginning", () => {
  const clock = new FakeClock();
  const beats = new Heartbeats(clock, 1600);
  clock.advance(12_345);
  const start = clock.now();
  let first = 0;
  beats.add({ beat: () => void (first ||= clock.now() - start) });
  clock.advance(5000);
  expect(first).toBe(1600);
});

test("H42 removing twice counts once", () => {
  const beats = new Heartbeats(new FakeClock(), 1000);
  const [a, b] = [{ beat() {} }, { beat() {} }];
  const group = beats.add(a);
  beats.add(b);
  beats.remove(a, group);
  beats.remove(a, group);
  expect(beats.size).toBe(1);
});

test("H42 a quiet stream gets comments", async () => {
  const node = await startNode({ parts: { heartbeat: 48 } });
  const stream = await EventReader.open(`${node.url}/v1/subscribe?topic=chat/a`);
  await stream.next();
  await stream.comment();
  await stream.comment();
  expect(stream.comments).toBeGreaterThanOrEqual(2);
  stream.leave();
});
