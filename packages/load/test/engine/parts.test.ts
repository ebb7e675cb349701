import { expect, test } from "bun:test";
import fc from "fast-check";
import { Pacer } from "../../src/engine/pacer.ts";
import { Pattern } from "../../src/engine/pattern.ts";
import { makePlan } from "../../src/engine/plan.ts";
import { FIRST_ID, Template } from "../../src/engine/template.ts";
import { Wheel } from "../../src/engine/wheel.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { markNumber, markPublisher, markTime } from "../../src/wire/mark.ts";

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
