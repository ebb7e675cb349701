import { heapStats } from "bun:jsc";
import { describe, expect, spyOn, test } from "bun:test";
import fc from "fast-check";
import { Trie } from "../../src/router/trie.ts";

/** What MQTT 4.7 says, word by word, without any index. */
function names(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split("/"), topic.split("/")];
  if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) return false;
  for (const [n, level] of wanted.entries()) {
    if (level === "#") return true;
    if (n >= levels.length || (level !== "+" && level !== levels[n])) return false;
  }
  return wanted.length === levels.length;
}

const level = fc.constantFrom("a", "b", "", "$s", "long-level", "constructor");
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join("/"));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 4 }), fc.constantFrom("#", "+", "a", "b", ""))
  .map(([levels, last]) => [...levels, last].join("/"));

function found(trie: Trie<string>, wanted: string): readonly string[] {
  const all: string[] = [];
  trie.match(wanted, (value) => all.push(value));
  return all.toSorted();
}

describe("the trie", () => {
  test("D2 finds exactly the filters that name a topic, each once", () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 30 }), fc.array(topic, { maxLength: 10 }), (filters, topics) => {
        const trie = new Trie<string>();
        for (const each of filters) trie.set(each, each);
        const unique = [...new Set(filters)];
        expect(trie.size).toBe(unique.length);
        for (const each of topics)
          expect(found(trie, each)).toEqual(unique.filter((one) => names(one, each)).toSorted());
        for (const each of filters) expect(trie.get(each)).toBe(each);
      }),
    );
  });

  test("D2 does so while filters come and go", () => {
    const change = fc.tuple(fc.boolean(), filter);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), topic, (changes, wanted) => {
        const trie = new Trie<string>();
        const there = new Set<string>();
        for (const [add, each] of changes) {
          if (add) trie.set(each, each);
          else trie.delete(each);
          if (add) there.add(each);
          else there.delete(each);
        }
        expect(trie.size).toBe(there.size);
        expect(found(trie, wanted)).toEqual([...there].filter((one) => names(one, wanted)).toSorted());
      }),
    );
  });

  test("D2 a # names its parent, and wildcards do not reach topics of the server", () => {
    const trie = new Trie<string>();
    for (const each of ["a/#", "#", "+/b", "$s/#", "$s/+"]) trie.set(each, each);
    expect(found(trie, "a")).toEqual(["#", "a/#"]);
    expect(found(trie, "$s/b")).toEqual(["$s/#", "$s/+"]);
    expect(found(trie, "a/b")).toEqual(["#", "+/b", "a/#"]);
  });

  test("D4 what is removed leaves nothing behind, and what is not there may be removed", () => {
    const trie = new Trie<string>();
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 30 }), (filters) => {
        for (const each of filters) trie.set(each, each);
        for (const each of filters) trie.delete(each);
        for (const each of filters) trie.delete(each);
        expect(trie.size).toBe(0);
        expect(found(trie, "a/b")).toEqual([]);
      }),
    );
    const before = objects();
    for (let n = 0; n < 10_000; n++) trie.set(`a/${n}/+/b`, "x");
    expect(objects() - before).toBeGreaterThan(30_000);
    for (let n = 0; n < 10_000; n++) trie.delete(`a/${n}/+/b`);
    // The engine keeps some of what it no longer needs for a while.
    expect(objects() - before).toBeLessThan(10_000);
    expect(trie.size).toBe(0);
  });
});

/** Objects that live in this process. */
function objects(): number {
  Bun.gc(true);
  return heapStats().objectCount;
}

test("D3 finding takes about as many steps with 100 times as many patterns", () => {
  const [few, many] = [steps(fleet(1_000)), steps(fleet(100_000))];
  // A list would take 100 times as many.
  expect(many).toBeGreaterThan(0);
  expect(many).toBeLessThan(3 * few);
});

function fleet(size: number): { readonly trie: Trie<string>; readonly topics: readonly string[] } {
  const trie = new Trie<string>();
  for (let n = 0; n < size; n++) {
    const each = [`site/${n % 100}/device/${n}/+`, `site/+/device/${n}/alarm`, `site/${n % 100}/+/${n}/#`][n % 3] ?? "";
    trie.set(each, each);
  }
  const topics = Array.from({ length: 500 }, (_, n) => `site/${n % 100}/device/${n * Math.floor(size / 500)}/alarm`);
  return { trie, topics };
}

/** Levels that are looked up while all topics are found. */
function steps({ trie, topics }: ReturnType<typeof fleet>): number {
  const look = spyOn(Map.prototype, "get");
  try {
    let found = 0;
    for (const each of topics) trie.match(each, () => found++);
    const { length } = look.mock.calls;
    expect(found).toBeGreaterThan(0);
    return length;
  } finally {
    look.mockRestore();
  }
}
