import { expect, test } from "bun:test";
import fc from "fast-check";
import { FakeClock } from "./fake-clock.ts";

test("FC1 time moves only by advance", () => {
  const clock = new FakeClock(1000);
  expect(clock.now()).toBe(1000);
  clock.turn();
  expect(clock.now()).toBe(1000);
  clock.advance(2.5);
  expect(clock.now()).toBe(1002.5);
});

test("FC2 timers run at their own time, those of one millisecond in the order in which they were set", () => {
  const timer = fc.record({ ms: fc.integer({ min: -5, max: 50 }), cancelled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(timer), (timers) => {
      const clock = new FakeClock(0);
      const ran: [number, number][] = [];
      const cancels = timers.map(({ ms }, i) => clock.after(ms, () => ran.push([clock.now(), i])));
      timers.forEach(({ cancelled }, i) => cancelled && cancels[i]!());
      clock.advance(100);
      const expected = timers
        .map(({ ms, cancelled }, i) => ({ due: Math.max(0, ms), i, cancelled }))
        .filter((one) => !one.cancelled)
        .sort((a, b) => a.due - b.due || a.i - b.i);
      expect(ran).toEqual(expected.map(({ due, i }) => [due, i]));
      expect(clock.timers).toBe(0);
    }),
  );
});

test("FC2 a timer that a timer sets within the same advance runs in it", () => {
  const clock = new FakeClock(0);
  const ran: number[] = [];
  const tick = () => {
    ran.push(clock.now());
    clock.after(10, tick);
  };
  clock.after(10, tick);
  clock.advance(35);
  expect(ran).toEqual([10, 20, 30]);
  expect(clock.untilNext).toBe(5);
});

test("FC3 what is put off to the end of a turn within one waits for the next", () => {
  const clock = new FakeClock();
  const ran: string[] = [];
  clock.endOfTurn(() => {
    ran.push("first");
    clock.endOfTurn(() => ran.push("second"));
  });
  clock.turn();
  expect(ran).toEqual(["first"]);
  expect(clock.turnTasks).toBe(1);
  clock.turn();
  expect(ran).toEqual(["first", "second"]);
});

test("FC4 advance ends the turns before it moves the time, and after each timer", () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  clock.endOfTurn(() => ran.push(`turn ${clock.now()}`));
  clock.after(5, () => clock.endOfTurn(() => ran.push(`turn ${clock.now()}`)));
  clock.after(5, () => ran.push(`timer ${clock.now()}`));
  clock.advance(9);
  expect(ran).toEqual(["turn 0", "turn 5", "timer 5"]);
});

test("FC4 turns that never come to an end are an error", () => {
  const clock = new FakeClock();
  const again = () => clock.endOfTurn(again);
  again();
  expect(() => clock.settle()).toThrow("still something to do");
});

test("FC5 a jump moves the time alone, and what fell due runs late", () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  clock.after(10, () => void ran.push(`a at ${clock.now()}`));
  clock.after(200, () => void ran.push(`b at ${clock.now()}`));
  clock.jump(100);
  expect([clock.now(), ...ran]).toEqual([100]);
  clock.advance(0);
  expect(ran).toEqual(["a at 100"]);
  clock.advance(100);
  expect(ran).toEqual(["a at 100", "b at 200"]);
});
