import { beforeEach, describe, expect, test } from "bun:test";
import { Interests } from "../../src/delivery/interests.ts";
import type { Stream } from "../../src/log/stream.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { AskedLog, streamOf } from "./asked-log.ts";

const LINGER = 5000;

let clock: FakeClock;
let log: AskedLog;
let other: AskedLog;
let streams: readonly Stream[];
let interests: Interests;

beforeEach(() => {
  clock = new FakeClock();
  log = new AskedLog(clock);
  other = new AskedLog(clock, "o");
  streams = [streamOf(log), streamOf(other)];
  interests = new Interests(clock, (filter) => (filter === "#" ? streams : streams.slice(0, 1)));
});

function dispatched(): readonly number[] {
  return streams.map((stream) => stream.dispatched);
}

describe("asking", () => {
  test("D45 a filter is asked for once, however many want it, and positions are not older than its beginning", async () => {
    interests.take("a");
    interests.take("a");
    expect(log.open).toEqual(["a"]);
    const ready = interests.ready("a");
    log.asked[0]?.answer(7);
    await ready;
    expect(interests.ready("a")).toBeUndefined();
    expect(dispatched()).toEqual([7, 0]);
  });

  test("D45 a filter over several logs is asked of each, and in force when it is in all of them", async () => {
    interests.take("#");
    let isReady = false;
    const ready = interests.ready("#")?.then(() => (isReady = true));
    log.asked[0]?.answer(7);
    await Promise.resolve();
    await Promise.resolve();
    expect(isReady).toBe(false);
    other.asked[0]?.answer(3);
    await ready;
    expect(dispatched()).toEqual([7, 3]);
  });

  test("D46 one that failed is asked for again by whoever needs it next, and not twice at once", async () => {
    interests.take("a");
    const ready = interests.ready("a");
    log.asked[0]?.fail();
    expect(ready).rejects.toThrow("too long");
    await ready?.catch(() => undefined);
    interests.take("a");
    const again = interests.ready("a");
    expect(interests.ready("a")).toBe(again!);
    expect([log.asked.length, log.open]).toEqual([2, ["a"]]);
    log.asked[1]?.answer(9);
    await again;
    expect(interests.ready("a")).toBeUndefined();
  });
});

describe("letting go", () => {
  async function inForce(filter: string): Promise<void> {
    interests.take(filter);
    log.asked.at(-1)?.answer(1);
    await interests.ready(filter);
  }

  test("D47 nobody's filter stays for five seconds: who comes back in that time does not wait", async () => {
    await inForce("a");
    interests.release("a");
    clock.advance(LINGER - 1);
    interests.take("a");
    expect(interests.ready("a")).toBeUndefined();
    clock.advance(10 * LINGER);
    expect(log.open).toEqual(["a"]);
    interests.release("a");
    clock.advance(2 * LINGER);
    expect([log.open, interests.size, clock.timers]).toEqual([[], 0, 0]);
  });

  test("D47 at most 10,000 are kept for nobody, the oldest go first", async () => {
    for (let i = 0; i < 10_002; i++) await inForce(`${i}`);
    for (let i = 0; i < 10_002; i++) interests.release(`${i}`);
    expect(log.open).toHaveLength(10_000);
    expect(log.open[0]).toBe("2");
    clock.advance(2 * LINGER);
    expect([interests.size, clock.timers]).toEqual([0, 0]);
  });

  test("D47 filters that come and go all the time are not queued each time", async () => {
    await inForce("a");
    for (let i = 0; i < 100; i++) {
      interests.release("a");
      interests.take("a");
      clock.advance(100);
    }
    interests.release("a");
    clock.advance(3 * LINGER);
    expect([log.open, clock.timers]).toEqual([[], 0]);
  });
});

describe("a log that is another one", () => {
  test("D53 what is wanted is asked for anew; what nobody wants, and late answers of the old one, count no more", async () => {
    for (const filter of ["a", "b", "c"]) interests.take(filter);
    log.asked[0]?.answer(5);
    await interests.ready("a");
    interests.release("b");
    interests.renew(streams[0]!);
    streams[0]!.dispatched = 0;
    expect(log.open).toEqual(["a", "c"]);
    log.asked[2]?.answer(1000);
    log.asked[3]?.answer(2);
    log.asked[4]?.answer(3);
    await Promise.all([interests.ready("a"), interests.ready("c")]);
    expect(dispatched()).toEqual([3, 0]);
  });
});

describe("holding", () => {
  test("D44 filters are asked for before they have groups, and as far as positions say", async () => {
    const hold = interests.hold([{ filter: "a", since: new Map([["e", 20]]) }, { filter: "b" }]);
    log.asked[0]?.answer(5);
    log.asked[1]?.answer(5);
    log.reached = 30;
    await hold?.ready;
    expect(dispatched()).toEqual([30, 0]);
    hold?.end();
    expect(interests.hold([{ filter: "a", since: new Map([["e", 30]]) }])).toBeUndefined();
    clock.advance(3 * LINGER);
    expect(interests.size).toBe(0);
  });

  test("D44 who holds is told if the log does not give them", async () => {
    const hold = interests.hold([{ filter: "a" }]);
    log.asked[0]?.fail();
    const told = await hold?.ready.then(
      () => "in force",
      (error: Error) => error.message,
    );
    expect(told).toBe("it takes too long");
  });
});
