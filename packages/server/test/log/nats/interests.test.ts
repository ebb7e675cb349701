import { expect, test } from "bun:test";
import fc from "fast-check";
import { matches } from "@tidegate/protocol";
import { Interests } from "../../../src/adapters/nats/interests.ts";

const level = fc.constantFrom("a", "b", "$c");
const path = (levels: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(levels, { minLength: 1, maxLength: 3 }).map((all) => all.join("/"));
const topics = path(level);
const filters = fc
  .tuple(path(fc.oneof(level, fc.constant("+"))), fc.constantFrom("", "/#"))
  .map(([levels, end]) => levels + end);

const step = fc.record({ filter: fc.oneof(filters, fc.constant("#")), since: fc.nat(20), isThere: fc.boolean() });

test("L77 what was asked for is found by topic, as by a look at every filter", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), topics, (steps, topic) => {
      const interests = new Interests();
      const asked = new Map<string, number>();
      for (const { filter, since, isThere } of steps) {
        if (isThere) {
          (interests.get(filter) ?? interests.add(filter)).since = since;
          asked.set(filter, since);
        } else {
          interests.delete(filter);
          asked.delete(filter);
        }
      }
      const found = [...asked].filter(([filter]) => matches(filter, topic)).map(([, since]) => since);
      expect(interests.has(topic)).toBe(found.length > 0);
      expect(interests.since(topic)).toBe(Math.min(Infinity, ...found));
      expect(interests.size).toBe(asked.size);
    }),
  );
});
