import { expect, test } from "bun:test";
import fc from "fast-check";
import { Deadlines, type Deadline } from "../../src/presence/deadlines.ts";
import { FakeClock } from "../support/fake-clock.ts";

type Step =
  | { readonly kind: "add"; readonly ms: number }
  | { readonly kind: "remove"; readonly which: number }
  | { readonly kind: "advance"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), ms: fc.nat(100) }),
  fc.record({ kind: fc.constant("remove" as const), which: fc.nat(50) }),
  fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(30) }),
);

test("P5 each deadline expires once, in its millisecond, unless it was removed; one timer serves all", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const clock = new FakeClock(0);
      const expired: [number, number][] = [];
      const expected: [number, number][] = [];
      const deadlines = new Deadlines<number>(clock, (item) => expired.push([item, clock.now()]));
      const live = new Map<number, Deadline<number>>();
      const pass = () => {
        for (const [item, { due }] of live) if (due <= clock.now() && live.delete(item)) expected.push([item, due]);
      };
      for (const [i, one] of steps.entries()) {
        if (one.kind === "add") live.set(i, deadlines.add(i, one.ms));
        if (one.kind === "advance") clock.advance(one.ms);
        const removed = one.kind === "remove" ? [...live].at(one.which % (live.size || 1)) : undefined;
        if (removed !== undefined) deadlines.remove(removed[1]);
        if (removed !== undefined) live.delete(removed[0]);
        pass();
        expect(deadlines.size).toBeGreaterThanOrEqual(live.size);
        expect(clock.timers).toBeLessThanOrEqual(1);
      }
      clock.advance(100);
      pass();
      expect(expired.toSorted(byItem)).toEqual(expected.toSorted(byItem));
      expect(expired.map(([, at]) => at)).toEqual(expired.map(([, at]) => at).toSorted((a, b) => a - b));
      expect(deadlines.size + clock.timers).toBe(0);
    }),
  );
});

test("P5 without deadlines there is no timer", () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines<string>(clock, () => undefined);
  const one = deadlines.add("one", 10);
  deadlines.add("two", 20);
  deadlines.remove(one);
  deadlines.remove(one);
  expect(clock.timers).toBe(1);
  deadlines.clear();
  expect(clock.timers).toBe(0);
});

function byItem([a]: [number, number], [b]: [number, number]): number {
  return a - b;
}
