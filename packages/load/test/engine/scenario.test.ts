import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { EXAMPLE_SCENARIO } from "../../src/scenario-file/example.ts";
import { ScenarioError } from "../../src/scenario-file/fault.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { SCENARIO } from "../../src/scenario-file/table.ts";

const EXAMPLES = join(import.meta.dir, "../../../../examples/load");

/** The faults of a scenario; none if it is taken. */
function faultsOf(text: string, sets: readonly string[] = []): readonly string[] {
  try {
    loadScenario(text, "x.yaml", sets);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.faults;
    throw error;
  }
}

test.each([
  ["  rate: 50/s", "  rates: 50/s", "x.yaml:19: populations[0].publish.rates unknown key; did you mean rate?"],
  [
    "    count: 100",
    "    count: many",
    'x.yaml:12: populations[0].count must be a whole number from 1 to 10000000, not "many"',
  ],
  ["protocol: tidegate ", "protocol: tidgate ", "target.protocol must be one of"],
  ["for: 10s", "for: soon", 'x.yaml:27: phases[1].for must be a duration such as 500ms, 10s or 2m, not "soon"'],
  ["ws://127", "http://127", "tidegate has addresses that begin with ws: or wss:, not http:"],
  ["phase: ramp", "phase: hold", "phases needs a ramp"],
  ["bytes: 100..300", "bytes: 10", "publish.bytes must be from 40 bytes"],
  ["rate: 50/s", "window: 1\n      rate: 1", "needs either rate (open loop) or window (closed loop)"],
  ["lost: 0%", "lost: 3", "limits.lost must be a percentage"],
])("LG31 a wrong scenario is refused with its place and what is allowed: %s as %s", (from, to, fault) => {
  expect(EXAMPLE_SCENARIO).toContain(from);
  expect(faultsOf(EXAMPLE_SCENARIO.replace(from, to)).join("\n")).toContain(fault);
});

test("LG31 all faults are said at once", () => {
  const text = EXAMPLE_SCENARIO.replace("count: 100", "count: x").replace("for: 2s", "fro: 2s");
  expect(faultsOf(text)).toHaveLength(3);
});

test("LG32 --set changes a value, and is refused where there is none", () => {
  const { populations } = loadScenario(EXAMPLE_SCENARIO, "x", ["populations[0].count=7", "limits.p999=1s"]);
  expect(populations[0]!.count).toBe(7);
  expect(faultsOf(EXAMPLE_SCENARIO, ["populations[3].count=7"])[0]).toContain("the scenario has no such entry");
  expect(faultsOf(EXAMPLE_SCENARIO, ["populatons[0].count=7"])[0]).toContain("there is no such value");
  expect(faultsOf(EXAMPLE_SCENARIO, ["target=7", "nonsense"])).toHaveLength(2);
  expect(faultsOf(EXAMPLE_SCENARIO, ["populations[0].__proto__.x=1"])).toHaveLength(1);
});

test("LG31 whatever a file holds, it is taken or refused with faults", () => {
  const keys = fc.constantFrom(...Object.keys(SCENARIO), "count", "phase", "for", "urls", "__proto__", "constructor");
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      tie("map"),
      tie("list"),
    ),
    map: fc.dictionary(keys, tie("value")),
    list: fc.array(tie("value"), { maxLength: 4 }),
  }));
  // JSON is YAML.
  fc.assert(fc.property(tree.value, (value) => void faultsOf(JSON.stringify(value) ?? "")));
  fc.assert(fc.property(fc.string(), (text) => void faultsOf(text)));
});

test("LG31 a key may have any characters, and its place is found", () => {
  for (const key of ["E[ZM", "[", ".", "a.", "a[0", "]["])
    expect(faultsOf(`name: x\n${JSON.stringify(key)}: 1`)[0]).toStartWith(`x.yaml:2: ${key} unknown key`);
});

test("LG31 an example with one line changed is taken or refused with faults", () => {
  const lines = EXAMPLE_SCENARIO.split("\n");
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("- a: 1", "  x:", "  - phase: storm", "    rate: -1", "    count: 1e99"),
  );
  fc.assert(
    fc.property(fc.nat(lines.length - 1), line, (at, text) => void faultsOf(lines.with(at, text).join("\n"))),
    { numRuns: 300 },
  );
});

test("LG33 the examples, and what init writes, are valid scenarios", () => {
  expect(faultsOf(EXAMPLE_SCENARIO)).toEqual([]);
  const files = readdirSync(EXAMPLES).filter((file) => file.endsWith(".yaml"));
  expect(files.length).toBeGreaterThanOrEqual(5);
  for (const file of files) expect([file, faultsOf(readFileSync(join(EXAMPLES, file), "utf8"))]).toEqual([file, []]);
});
