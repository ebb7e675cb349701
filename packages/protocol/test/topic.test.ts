import { expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS } from "../src/limits.ts";
import { covers, filterFault, isWildcard, matches, namespaceOf, topicFault } from "../src/topic.ts";

const RUNS = { numRuns: 5000 };

test("T1 a topic is levels split by slashes", () => {
  for (const topic of ["a", "chat/room_1", "a//b", "/", "/a", "a/", "日本/😀", "a b/c.d"])
    expect(topicFault(topic)).toBeUndefined();
});

test("T2 an empty name is refused", () => {
  expect(topicFault("")).toBe("it is empty");
  expect(filterFault("")).toBe("it is empty");
});

test("T2 a name is at most 1024 bytes in UTF-8", () => {
  expect(topicFault("a".repeat(LIMITS.topicBytes))).toBeUndefined();
  expect(topicFault("a".repeat(LIMITS.topicBytes + 1))).toBe("it is longer than 1024 bytes");
  expect(topicFault("日".repeat(341))).toBeUndefined();
  expect(topicFault("日".repeat(342))).toBe("it is longer than 1024 bytes");
});

test("T2 a name has at most 32 levels", () => {
  expect(topicFault("/".repeat(31))).toBeUndefined();
  expect(topicFault("/".repeat(32))).toBe("it has more than 32 levels");
});

test("T2 control characters and broken Unicode are refused", () => {
  for (const topic of ["a\u0000", "a\nb", "\u001f", "a\u007f"])
    expect(topicFault(topic)).toBe("it has a control character");
  expect(topicFault("a\ud800")).toBe("it is not valid Unicode");
});

test("T3 a topic to publish to has no wildcards", () => {
  for (const topic of ["+", "#", "a/+", "a+b", "a/#"]) expect(topicFault(topic)).toContain("no wildcards");
});

test("T4 a wildcard is a whole level, and # the last", () => {
  for (const filter of ["+", "#", "a/+", "+/+/b", "a/#", "+/#", "/+"]) expect(filterFault(filter)).toBeUndefined();
  expect(filterFault("a/#/b")).toBe("# is allowed only as the last level");
  expect(filterFault("a+/b")).toBe('the wildcard in "a+" must be a whole level');
  expect(filterFault("a/b#")).toBe('the wildcard in "b#" must be a whole level');
  expect(filterFault("a/##")).toBe('the wildcard in "##" must be a whole level');
});

test("T5 + stands for one level, # for all that follow and for their parent", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a/b", "a/b", true],
    ["a/b", "a/c", false],
    ["a/+", "a/b", true],
    ["a/+", "a", false],
    ["a/+", "a/b/c", false],
    ["a/+", "a/", true],
    ["+", "a", true],
    ["+", "/a", false],
    ["+/+", "/a", true],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["a/#", "ab", false],
    ["#", "a/b", true],
    ["+/b/#", "a/b", true],
  ];
  for (const [filter, topic, want] of cases)
    expect([filter, topic, matches(filter, topic)]).toEqual([filter, topic, want]);
});

test("T6 wildcards at the start do not reach topics of the server", () => {
  expect(matches("#", "$sys/load")).toBe(false);
  expect(matches("+/load", "$sys/load")).toBe(false);
  expect(matches("$sys/#", "$sys/load")).toBe(true);
  expect(matches("$sys/+", "$sys/load")).toBe(true);
  expect(covers("#", "$sys/load")).toBe(false);
  expect(covers("$sys/#", "$sys/+")).toBe(true);
});

test("T7 the first level names the namespace", () => {
  expect(namespaceOf("chat/room_1")).toBe("chat");
  expect(namespaceOf("chat")).toBe("chat");
  expect(namespaceOf("/chat")).toBe("");
  expect([isWildcard("a/+"), isWildcard("a/#"), isWildcard("a/b")]).toEqual([true, true, false]);
});

test("T8 a filter covers another if it names all of its topics", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["#", "a/+", true],
    ["a/#", "a", true],
    ["a/#", "a/#", true],
    ["a/+", "a/#", false],
    ["a/+/#", "a/#", false],
    ["+/#", "#", true],
    ["+/+/#", "#", false],
    ["+/+/#", "/#", true],
    ["/+/#", "/#", true],
    ["#", "#", true],
    ["+/b", "a/b", true],
    ["a/b", "+/b", false],
  ];
  for (const [outer, inner, want] of cases) expect([outer, inner, covers(outer, inner)]).toEqual([outer, inner, want]);
});

/** Few names, so that two of them meet. */
const levels = fc.constantFrom("a", "b", "", "$s");
const smallTopics = fc
  .array(levels, { minLength: 1, maxLength: 4 })
  .map((list) => list.join("/"))
  .filter((topic) => topic !== "");
const smallFilters = fc
  .tuple(fc.array(fc.oneof(levels, fc.constant("+")), { maxLength: 4 }), fc.boolean())
  .map(([list, all]) => [...list, ...(all ? ["#"] : [])].join("/"))
  .filter((filter) => filter !== "");

/** All topics of the four names and one more up to five levels: enough to tell any two of the filters above apart. */
const universe = ((): readonly string[] => {
  const names = ["a", "b", "", "$s", "z"];
  let rows = names;
  const all = new Set(rows);
  for (let depth = 2; depth <= 5; depth++) {
    rows = rows.flatMap((row) => names.map((name) => `${row}/${name}`));
    for (const row of rows) all.add(row);
  }
  all.delete("");
  return [...all];
})();

test("T8 covers and matches agree on every topic", () => {
  fc.assert(
    fc.property(smallFilters, smallFilters, (outer, inner) => {
      const all = universe.every((topic) => !matches(inner, topic) || matches(outer, topic));
      expect(covers(outer, inner)).toBe(all);
    }),
    { numRuns: 1000 },
  );
});

test("T8 a filter covers a topic exactly if it matches it", () => {
  fc.assert(
    fc.property(smallFilters, smallTopics, (filter, topic) => {
      expect(covers(filter, topic)).toBe(matches(filter, topic));
    }),
    RUNS,
  );
});

test("T5 matches agrees with the same rule as a regular expression", () => {
  fc.assert(
    fc.property(smallFilters, smallTopics, (filter, topic) => {
      const body = filter
        .split("/")
        .map((level) => (level === "+" ? "[^/]*" : level === "#" ? ".*" : level.replace("$", "\\$")))
        .join("/")
        .replace(/\/\.\*$/, "(/.*)?");
      const hidden = topic.startsWith("$") && !filter.startsWith("$");
      expect(matches(filter, topic)).toBe(!hidden && new RegExp(`^${body}$`, "s").test(topic));
    }),
    RUNS,
  );
});
