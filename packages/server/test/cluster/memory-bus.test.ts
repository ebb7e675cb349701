import { expect, test } from "bun:test";
import { MemoryBusHub } from "../../src/adapters/memory/bus-hub.ts";
import { systemClock } from "../../src/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { busContract } from "./bus.contract.ts";
import { bytes, faultOf, heard, SUBJECT, textOf } from "./contract/subject.ts";

busContract("memory", {
  cluster() {
    const hub = new MemoryBusHub({ clock: systemClock });
    const all: ReturnType<MemoryBusHub["open"]>[] = [];
    return {
      open: async () => {
        const bus = hub.open();
        all.push(bus);
        return bus;
      },
      away: async () => all.forEach((bus) => bus.cut()),
      back: async () => all.forEach((bus) => bus.restore()),
    };
  },
});

test("BU17 what was published arrives when the clock ends the turn, or after the delay, and not before", async () => {
  const clock = new FakeClock();
  const quick = new MemoryBusHub({ clock });
  const slow = new MemoryBusHub({ clock, delay: 20 });
  const [near, far] = [quick.open(), slow.open()];
  const [first, second] = [await heard(quick.open()), await heard(slow.open())];
  near.publish(SUBJECT, bytes("1"));
  far.publish(SUBJECT, bytes("2"));
  expect(first).toEqual([]);
  clock.settle();
  expect([first, second]).toEqual([["1"], []]);
  clock.advance(19);
  expect(second).toEqual([]);
  clock.advance(1);
  expect(second).toEqual(["2"]);
});

test("BU8 BU17 patience is the clock's", async () => {
  const clock = new FakeClock();
  const hub = new MemoryBusHub({ clock });
  const bus = hub.open();
  await hub.open().answer(SUBJECT, () => new Promise(() => {})).ready;
  const fault = faultOf(bus.request(SUBJECT, bytes("1"), 300));
  clock.advance(299);
  expect(clock.timers).toBe(1);
  clock.advance(1);
  expect(await fault).toBe("BusUnavailable: an answer on a.b-1_c took longer than 300 ms");
  expect(clock.timers).toBe(0);
});

test("BU18 a node that was cut off silently does not know, and nothing reaches or leaves it until it is restored", async () => {
  const clock = new FakeClock();
  const hub = new MemoryBusHub({ clock });
  const [here, there] = [hub.open(), hub.open()];
  const told: boolean[] = [];
  there.watch((isUp) => void told.push(isUp));
  const [near, far] = [await heard(here), await heard(there)];
  await there.answer(SUBJECT, async (payload) => payload).ready;
  there.cut({ silently: true });
  here.publish(SUBJECT, bytes("1"));
  there.publish(SUBJECT, bytes("2"));
  const [probe, asked] = [faultOf(there.probe()), faultOf(here.request(SUBJECT, bytes("3"), 100))];
  clock.advance(10_000);
  expect([near, far, told]).toEqual([["1"], [], []]);
  expect(there.isUp).toBe(true);
  expect(await probe).toMatch(/^BusUnavailable: the bus took longer/);
  expect(await asked).toMatch(/^BusUnavailable: nobody answers/);
  there.restore();
  here.publish(SUBJECT, bytes("4"));
  clock.settle();
  expect(far).toEqual(["4"]);
  const answer = here.request(SUBJECT, bytes("5"), 100);
  clock.settle();
  await Promise.resolve();
  clock.settle();
  expect(textOf(await answer)).toBe("5");
});

test("BU9 what was under way when a node was cut off does not arrive", async () => {
  const clock = new FakeClock();
  const hub = new MemoryBusHub({ clock, delay: 5 });
  const [here, there] = [hub.open(), hub.open()];
  const far = await heard(there);
  here.publish(SUBJECT, bytes("1"));
  there.cut();
  clock.advance(5);
  there.restore();
  clock.advance(5);
  expect(far).toEqual([]);
});
