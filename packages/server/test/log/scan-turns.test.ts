import { expect, test } from "bun:test";
import { ScanTurns } from "../../src/adapters/sqlite/scan-turns.ts";

test("L92 however many walk the log, one step is taken in each turn of the event loop, by everybody in turn", async () => {
  const tasks: (() => void)[] = [];
  const turns = new ScanTurns({ endOfTurn: (task) => void tasks.push(task) });
  const steps: string[] = [];
  const walk = async (name: string, count: number): Promise<void> => {
    for (let i = 1; i <= count; i++) {
      await turns.next();
      steps.push(`${name}${i}`);
    }
  };
  const walks = Promise.all([walk("a", 3), walk("b", 1), walk("c", 2)]);
  const inTurns: (readonly string[])[] = [];
  for (let more = true; more;) {
    await new Promise((resolve) => setImmediate(resolve));
    inTurns.push(steps.splice(0));
    const task = tasks.shift();
    expect(tasks).toEqual([]);
    more = task !== undefined;
    task?.();
  }
  await walks;
  expect(inTurns).toEqual([["a1"], ["b1"], ["c1"], ["a2"], ["c2"], ["a3"], []]);
  // Nobody waits for a turn that nobody has taken.
  await turns.next();
});
