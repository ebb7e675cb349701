import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../../../..");
const SPEC = join(ROOT, "docs/spec");
const STATEMENT = /^MQTT-([1-6](\.\d{1,2}){1,2}-\d{1,2})$/;
const MET = ["met", "in part", "not met", "does not apply"];
const WHOM = ["server", "both", "client, checked"];

interface Row {
  readonly statement: string;
  readonly whom: string;
  readonly met: string;
  readonly shownBy: string;
}

const text = readFileSync(join(SPEC, "mqtt-conformance.md"), "utf8");
const rows = rowsOf(text);

function rowsOf(page: string): readonly Row[] {
  const lines = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| statement"));
  return lines.map((line) => {
    const [statement = "", whom = "", , met = "", shownBy = "", ...more] = line.slice(2, -2).split(" | ");
    if (more.length > 0) throw new Error(`a row with too many cells: ${line}`);
    return { statement, whom, met, shownBy };
  });
}

function section(name: string): string {
  return text.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? "";
}

function rulesOfSpec(): ReadonlySet<string> {
  const pages = readdirSync(SPEC).map((name) => readFileSync(join(SPEC, name), "utf8"));
  return new Set(pages.flatMap((page) => [...page.matchAll(/^- \*\*([A-Z]{1,3}\d+)\*\* /gm)].map(([, id]) => id!)));
}

test("MC1 every statement is well-formed and there once, and all of the standard are there", () => {
  const ofClients = section("Statements that concern clients only").match(/[\d.]+-\d+/g) ?? [];
  const numbers = [...rows.map(({ statement }) => STATEMENT.exec(statement)?.[1] ?? statement), ...ofClients];
  expect(numbers.filter((number) => !STATEMENT.test(`MQTT-${number}`))).toEqual([]);
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  // Appendix B of the standard lists so many.
  expect(numbers.length).toBe(251);
});

test("MC1 every statement says whom it concerns and whether it is met", () => {
  for (const { statement, whom, met } of rows) {
    expect(WHOM, statement).toContain(whom);
    expect(MET, statement).toContain(met);
  }
});

test("MC1 what is not met, or in part, is listed at the top, and nothing else is", () => {
  const listed = [...section("What is not met").matchAll(/^- (MQTT-[\d.]+-\d+): /gm)].map(([, id]) => id!);
  const inTable = rows.filter(({ met }) => met === "not met" || met === "in part").map(({ statement }) => statement);
  expect(listed).toEqual(inTable);
});

test("MC4 what the table shows by MC4 has a test with its number, and the other way round", () => {
  const folder = join(import.meta.dir, "conformance");
  const tests = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const named = tests.flatMap((code) => [...code.matchAll(/^test\("MC4 ((?:[\d.]+-\d+ )+)/gm)]);
  const inTests = new Set(named.flatMap(([, numbers]) => numbers!.trim().split(" ")).map((each) => `MQTT-${each}`));
  const inTable = rows.filter(({ shownBy }) => shownBy.split(", ").includes("MC4")).map(({ statement }) => statement);
  expect([...inTests].toSorted()).toEqual(inTable.toSorted());
});

test("MC2 every rule and test file that the table names is there", () => {
  const rules = rulesOfSpec();
  for (const { statement, met, shownBy } of rows) {
    if (met === "does not apply" || shownBy === "no test") continue;
    for (const name of shownBy.split(", ")) {
      const isThere = name.startsWith("`") ? existsSync(join(ROOT, name.slice(1, -1))) : rules.has(name);
      expect(isThere, `${statement}: ${name}`).toBe(true);
    }
  }
});
