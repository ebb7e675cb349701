import { expect, test } from "bun:test";
import fc from "fast-check";
import { Ledger, type StreamEnd, UNKNOWN } from "../../src/engine/ledger.ts";
import { Pacer } from "../../src/engine/pacer.ts";
import { Pattern } from "../../src/engine/pattern.ts";
import { makePlan } from "../../src/engine/plan.ts";
import { FIRST_ID, Template } from "../../src/engine/template.ts";
import { Wheel } from "../../src/engine/wheel.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { markNumber, markPublisher, markTime } from "../../src/wire/mark.ts";

const LATE = 1_000_000;
/** Microseconds in which a stream may be silent for a subscription that has just begun to stand. */
const SILENT = 1_000_000;

test("LG20 a ledger counts what is lost, repeated and reordered as a slow model does", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 35 }), (heard, more) => {
      const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
      ledger.stands(0, 0, () => 0);
      for (const number of heard) ledger.note(0, 0, number, 10);
      const sent = Math.max(0, ...heard) + more;
      ledger.settle(() => ({ sent, last: 5 }));
      const seen = new Set(heard);
      let [highest, reordered] = [0, 0];
      for (const [i, number] of heard.entries()) {
        if (number < highest && heard.indexOf(number) === i) reordered += 1;
        highest = Math.max(highest, number);
      }
      expect(ledger.counts).toMatchObject({
        received: seen.size,
        lost: sent - seen.size,
        repeated: heard.length - seen.size,
        reordered,
      });
    }),
  );
});

test("LG20 what was sent before a subscription stood, or after it fell, is not missed", () => {
  const ledger = new Ledger([{ firstStream: 7, streams: 2 }], LATE);
  const end =
    (sent: number): ((stream: number) => StreamEnd) =>
    () => ({ sent, last: 9e6 });
  ledger.stands(0, 1000, () => 5);
  ledger.note(0, 7, 6, 10);
  ledger.note(0, 8, 5, 10);
  expect(ledger.outstanding(end(6))).toBe(1);
  ledger.falls(0);
  ledger.settle(end(100));
  expect(ledger.counts).toMatchObject({ received: 2, lost: 0, repeated: 0 });
  expect([ledger.hears(0, 6), ledger.hears(0, 7), ledger.hears(0, 8), ledger.hears(0, 9)]).toEqual([
    ...[false, true],
    ...[true, false],
  ]);
});

test("LG20 what was passed over before the connection ended is lost for good: if it comes on the next one, it is repeated", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 0, () => 0);
  for (const number of [1, 3]) ledger.note(0, 0, number, 10);
  ledger.falls(0);
  ledger.stands(0, 1, () => 3);
  for (const number of [4, 2]) ledger.note(0, 0, number, 10);
  expect(ledger.counts).toMatchObject({ received: 3, lost: 1, repeated: 1, reordered: 0 });
});

test("LG20 where a stream stands is not known, counting begins with the first message heard; of one at work at least one is due", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 1000, () => UNKNOWN);
  const outstanding = (last: number): number => ledger.outstanding(() => ({ sent: 50, last }));
  expect(outstanding(1000 + SILENT)).toBe(0);
  expect(outstanding(1001 + SILENT)).toBe(1);
  ledger.note(0, 0, 40, 10);
  expect(ledger.counts).toMatchObject({ received: 1, lost: 0 });
  expect(outstanding(1000)).toBe(10);
  ledger.settle(() => ({ sent: 50, last: 1000 }));
  expect(ledger.counts).toMatchObject({ received: 1, lost: 10 });
});

test("LG20 LG58 LG62 each subscription is counted by itself, and what was wrong is said in words", () => {
  const ledger = new Ledger(
    [0, 2].map((firstStream) => ({ firstStream, streams: 2 })),
    LATE,
  );
  for (const subscription of [0, 1]) ledger.stands(subscription, 0, () => 0);
  for (const stream of [2, 3]) for (const number of [1, 3]) ledger.note(1, stream, number, 10);
  // What the first one does is nothing to the second.
  ledger.falls(0);
  ledger.stands(0, 1, () => 0);
  ledger.note(1, 2, 2, 10);
  ledger.note(1, 3, 3, 10);
  ledger.note(0, 0, 1, 10, 7);
  ledger.note(0, 1, 1, 10, 7);
  ledger.note(0, 0, 4, LATE + 1, 8);
  ledger.foreign(0, 9, 5);
  expect(ledger.counts).toEqual({
    ...{ received: 8, lost: 3, repeated: 1, reordered: 2, delayed: 1, foreign: 1, maxLatency: LATE + 1 },
  });
  expect(ledger.examples).toEqual([
    "subscription 1 missed message 2 of stream 2",
    "subscription 1 missed message 2 of stream 3",
    "subscription 1 got message 2 of stream 2 after a later one",
    "subscription 1 got message 3 of stream 3 twice",
    "subscription 0 got message 1 of stream 1, which is at 7 of the topic, after the one at 7",
    "subscription 0 got message 4 of stream 0 after 1000 ms",
    "subscription 0 missed messages 2 to 3 of stream 0",
    "subscription 0 got message 5 of stream 9, which is not of its topic",
  ]);
  ledger.settle(() => ({ sent: 4, last: 5 }));
  expect(ledger.counts.lost).toBe(8);
  expect(ledger.examples.slice(8)).toEqual([
    "subscription 0 missed messages 2 to 4 of stream 1",
    "subscription 1 missed message 4 of stream 2",
  ]);
});

test("LG21 a delivery is delayed that takes longer than the limit, not one that takes as long", () => {
  const ledger = new Ledger([{ firstStream: 0, streams: 1 }], LATE);
  ledger.stands(0, 0, () => 0);
  ledger.note(0, 0, 1, LATE);
  expect(ledger.counts).toMatchObject({ delayed: 0, maxLatency: LATE });
  ledger.note(0, 0, 2, LATE + 1);
  expect(ledger.counts).toMatchObject({ delayed: 1, maxLatency: LATE + 1 });
});

test("LG27 the open loop sends what is due, counts from when it was due, and says how late it was", () => {
  let now = 0;
  const due: number[] = [];
  const late = new Histogram();
  const pacer = new Pacer(
    (at) => due.push(at),
    () => now,
    late,
  );
  pacer.pace(100, 0, 0.5);
  now = 32_000;
  pacer.tick();
  pacer.tick();
  expect(due).toEqual([5000, 15_000, 25_000]);
  expect(late.max).toBe(27_000);
  pacer.pace(0, now, 0);
  now = 1e6;
  pacer.tick();
  expect(due).toHaveLength(3);
});

test("LG28 a template writes its variables, and the mark in the payload can be read again", () => {
  const template = new Template('42{id}["{topic}",{payload},{other}]');
  const message = { stream: 12, number: 345, due: 6789, bytes: 80 };
  const bytes = template.render({ id: FIRST_ID + 3, topic: "räume/1", client: 5, token: "t", message });
  const text = Buffer.from(bytes).toString();
  expect(text).toStartWith('42100000003["räume/1",{"text":"~');
  expect(text).toEndWith('"},{other}]');
  const payload = text.slice(text.indexOf(',{"text"') + 1, text.indexOf(",{other}"));
  expect(Buffer.byteLength(payload)).toBe(80);
  const mark = bytes.indexOf("~".charCodeAt(0));
  expect([markPublisher(bytes, mark), markNumber(bytes, mark), markTime(bytes, mark)]).toEqual([12, 345, 6789]);
});

test("LG28 a pattern matches as the expression with the same wildcards does", () => {
  const piece = fc.constantFrom("a", "b", "*", "{id}", '"', "[");
  const text = fc.array(fc.constantFrom("a", "b", '"', "[", "1", "2"), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), text, (pieces, letters) => {
      // Digits next to a wildcard are anybody's: a pattern takes the first ones.
      fc.pre(!/\*\{id\}|\{id\}\*|\{id\}\{id\}/.test(pieces.join("")));
      fc.pre(pieces.filter((each) => each === "*").length < 2);
      const source = pieces.map((each) =>
        each === "*" ? ".*" : each === "{id}" ? "\\d+" : `\\${each}`.replace(/\\([ab"])/, "$1"),
      );
      const bytes = Buffer.from(`x${letters.join("")}x`);
      const expected = new RegExp(`^${source.join("")}$`).test(letters.join(""));
      expect(new Pattern(pieces.join("")).matches(bytes, 1, bytes.length - 1)).toBe(expected);
    }),
  );
  const pattern = new Pattern("43{id}[*");
  expect(pattern.matches(Buffer.from("43100000007[]"), 0, 13)).toBe(true);
  expect(pattern.id).toBe(100_000_007);
});

test("LG29 a wheel does each task once, in the first turn at or after its moment", () => {
  const wheel = new Wheel();
  const done: string[] = [];
  wheel.at(2500, () => done.push("b"));
  wheel.at(1000, () => done.push("a"));
  wheel.turn(999);
  expect(done).toEqual([]);
  wheel.turn(2000);
  expect(done).toEqual(["a"]);
  wheel.at(100, () => done.push("past"));
  wheel.turn(10_000);
  wheel.turn(20_000);
  expect(done).toEqual(["a", "b", "past"]);
});

test("LG30 every agent makes the same plan: rooms, streams side by side, and all of a population's clients", () => {
  const scenario = loadScenario(
    `
name: t
target: { urls: "ws://h" }
populations:
  - { name: members, count: 7, subscribe: { topic: "r/{room}", rooms: 3 }, publish: { topic: "r/{room}", rooms: 3, rate: 1 } }
  - { name: all, count: 2, subscribe: { topic: "r/{room}", rooms: 3, each: 0 } }
  - { name: own, count: 2, publish: { topic: "u/{client}", rate: 1 } }
phases: [{ phase: ramp, for: 1s }]
`,
    "t.yaml",
  );
  const plan = makePlan(scenario);
  expect(plan.topics).toEqual([
    { name: "r/0", firstStream: 0, streams: 3 },
    { name: "r/1", firstStream: 3, streams: 2 },
    { name: "r/2", firstStream: 5, streams: 2 },
    { name: "u/0", firstStream: 7, streams: 1 },
    { name: "u/1", firstStream: 8, streams: 1 },
  ]);
  expect([...plan.populations[0]!.publishes!.streams]).toEqual([0, 3, 5, 1, 4, 6, 2]);
  expect([...plan.populations[1]!.subscribes!.topics]).toEqual([0, 1, 2, 1, 2, 0]);
});
