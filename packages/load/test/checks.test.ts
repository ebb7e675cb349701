import { expect, test } from "bun:test";
import fc from "fast-check";
import { Acknowledged } from "../src/client/acknowledged.ts";
import { Heard } from "../src/client/heard.ts";

test("LG1 messages in order are right, publisher by publisher", () => {
  const heard = new Heard(20, 2);
  const faults = [heard.note(20, 1), heard.note(21, 1), heard.note(20, 2), heard.note(21, 2), heard.note(21, 3)];
  expect(faults).toEqual(Array(5).fill(undefined));
  expect([heard.last(20), heard.last(21)]).toEqual([2, 3]);
});

test("LG1 any other sequence than 1, 2, 3 … has a fault", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(numbers, (sequence) => {
      const heard = new Heard(0, 1);
      const faults = sequence.map((number) => heard.note(0, number)).filter((fault) => fault !== undefined);
      const right = sequence.every((number, i) => number === i + 1);
      expect(faults.length === 0).toBe(right);
    }),
  );
});

test("LG1 a message of another topic's publisher is a fault", () => {
  const heard = new Heard(20, 2);
  for (const publisher of [19, 22, Number.NaN]) expect(heard.note(publisher, 1)).toContain("not of this topic");
});

test("LG2 answers in any order are right when each comes once", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7], { minLength: 7 }), (order) => {
      const acknowledged = new Acknowledged();
      for (const number of order) expect(acknowledged.note(number, 7)).toBeUndefined();
      expect(acknowledged.count).toBe(7);
      for (const number of order) expect(acknowledged.note(number, 7)).toContain("twice");
    }),
  );
});

test("LG2 an answer to what was not sent is a fault", () => {
  const acknowledged = new Acknowledged();
  expect(acknowledged.note(3, 2)).toContain("not sent");
  expect(acknowledged.note(0, 2)).toContain("not sent");
});
