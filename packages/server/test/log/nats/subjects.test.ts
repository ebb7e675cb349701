import { describe, expect, test } from "bun:test";
import { filterFault, matches, topicFault } from "@tidegate/protocol";
import * as fc from "fast-check";
import { Subjects } from "../../../src/adapters/nats/subjects.ts";

const subjects = new Subjects("base");

const level = fc.oneof(
  fc.constantFrom("", "a", "b", "~", "%", "%2E", "-", ".", "*", ">", "a.b", "a b", "$x", "é", "😀", "\u00a0", "\u2028"),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const topic = fc
  .array(level, { minLength: 1, maxLength: 6 })
  .map((levels) => levels.join("/"))
  .filter((name) => topicFault(name) === undefined);
const filter = fc
  .array(fc.oneof(level, fc.constantFrom("+", "#")), { minLength: 1, maxLength: 6 })
  .map((levels) => levels.join("/"))
  .filter((name) => filterFault(name) === undefined);
/** Topics and filters over few names, so that they meet. */
const few = fc.constantFrom("", "a", "b", "$a", "~");
const nearTopic = fc.array(few, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const nearFilter = fc
  .tuple(fc.array(fc.oneof(few, fc.constant("+")), { maxLength: 3 }), fc.constantFrom("#", "+", "a", ""))
  .map(([levels, last]) => [...levels, last].join("/"))
  .filter((name) => filterFault(name) === undefined);

/** As NATS matches a subject. */
function natsMatches(pattern: string, subject: string): boolean {
  const want = pattern.split(".");
  const have = subject.split(".");
  for (const [i, token] of want.entries()) {
    if (token === ">") return have.length > i;
    if (i >= have.length || (token !== "*" && token !== have[i])) return false;
  }
  return want.length === have.length;
}

describe("subjects of NATS", () => {
  test("L70 every topic is one subject that NATS takes, and comes back from it", () => {
    fc.assert(
      fc.property(topic, (name) => {
        const subject = subjects.of("m", name);
        expect(subjects.topicOf(subject)).toBe(name);
        expect(subjects.kindOf(subject)).toBe("m");
        // oxlint-disable-next-line no-control-regex
        expect(/[\u0000-\u0020\u007f*>]|\.\.|\.$/.test(subject)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("L70 two topics are never one subject", () => {
    fc.assert(
      fc.property(topic, topic, (one, other) => {
        expect(subjects.of("m", one) === subjects.of("m", other)).toBe(one === other);
      }),
      { numRuns: 2000 },
    );
  });

  test("L70 a filter's subject matches exactly the topics that the filter names", () => {
    const check = (name: string, want: string): void => {
      if (topicFault(name) !== undefined) return;
      expect(natsMatches(subjects.of("m", want), subjects.of("m", name))).toBe(matches(want, name));
    };
    fc.assert(fc.property(nearTopic, nearFilter, check), { numRuns: 5000 });
    fc.assert(fc.property(topic, filter, check), { numRuns: 2000 });
  });
});
