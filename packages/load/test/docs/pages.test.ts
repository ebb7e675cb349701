import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Histogram } from "../../src/measure/histogram.ts";
import { scenarioDoc } from "../../src/scenario-file/scenario-doc.ts";

const ROOT = join(import.meta.dir, "../../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("LG47 docs/load-scenarios.md is what the table makes (bun packages/load/scripts/write-scenarios.ts)", () => {
  expect(read("docs/load-scenarios.md")).toBe(scenarioDoc());
});

test("LG47 the links of the pages about loads lead to pages and sections that are there", () => {
  for (const page of ["docs/load-scenarios.md", "docs/load-results.md"]) {
    const text = read(page);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 _-]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      if (link.startsWith("#")) expect(headings).toContain(link.slice(1));
      else expect(read(`docs/${link}`)).not.toBe("");
    }
    expect(read("docs/guides/load-test.md")).toContain(`(../${page.slice("docs/".length)})`);
  }
});

/** Names in the tables of the page about results, by their section. */
function named(): Map<string, ReadonlySet<string>> {
  const [top = "", ...sections] = read("docs/load-results.md").split(/^## /m);
  const keysOf = (text: string): ReadonlySet<string> =>
    new Set([...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key));
  return new Map([["", keysOf(top)], ...sections.map((text) => [text.split("\n", 1).join(""), keysOf(text)] as const)]);
}

const HISTOGRAMS = new Set(["latency", "ack", "connect"]);
/** What is in them is not always the same: kinds of errors, and keys of another page. */
const OPEN = new Set(["errors", "scenario"]);

/** All keys in a value, as section and path in it: what is in a list counts as if it were there itself. */
function pathsOf(value: unknown, section: string, path: string): (readonly [section: string, path: string])[] {
  if (Array.isArray(value)) return value.flatMap((entry: unknown) => pathsOf(entry, section, path));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const own = path === "" ? key : `${path}.${key}`;
    const here = [section, own] as const;
    if (OPEN.has(key)) return [here];
    if (HISTOGRAMS.has(key)) return [here, ...pathsOf(inner, "Histograms", "")];
    return [here, ...(section === "" ? pathsOf(inner, key, "") : pathsOf(inner, section, own))];
  });
}

test("LG48 docs/load-results.md names everything that a result holds", () => {
  const page = named();
  const run: unknown = JSON.parse(read("packages/load/test/fixtures/run.json"));
  const paths = pathsOf(run, "", "");
  expect(paths.length).toBeGreaterThan(100);
  const missing = paths
    .filter(([section, path]) => page.get(section)?.has(path) !== true)
    .map((path) => path.join(": "));
  expect([...new Set(missing)]).toEqual([]);
});

test("LG48 docs/load-results.md names what only some results hold, and nothing that none holds", () => {
  const source = read("packages/load/src/result/types.ts") + read("packages/load/src/measure/histogram-data.ts");
  // Fields of an interface on a line of their own, and those within one line.
  const fields = new Set([...source.matchAll(/readonly (\w+)\??:/g)].map(([, name = ""]) => name));
  const names = [...named()].flatMap(([, keys]) => [...keys]).filter((key) => !key.startsWith("machine."));
  const last = new Set(names.map((key) => key.slice(key.lastIndexOf(".") + 1)));
  expect([...fields].filter((field) => !last.has(field))).toEqual([]);
  expect([...last].filter((name) => !fields.has(name))).toEqual([]);
});

test("LG48 buckets of a histogram hold what the page says", () => {
  for (const value of [0, 63, 64, 65, 127, 128, 129, 1000, 65_536, 1_000_000]) {
    const histogram = new Histogram();
    histogram.record(value);
    const [bucket = 0] = histogram.toData().buckets;
    const upper = bucket < 64 ? bucket : (((bucket - 64) % 64) + 65) * 2 ** Math.floor((bucket - 64) / 64) - 1;
    expect(upper).toBeGreaterThanOrEqual(value);
    expect(upper).toBeLessThanOrEqual(value * 1.016);
    histogram.record(2 ** 30);
    expect(histogram.quantile(0.5)).toBe(upper);
  }
});
