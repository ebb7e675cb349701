import { expect, test } from "bun:test";
import { coverageFaults } from "../check/spec/coverage.ts";
import { idsOf, rulesOf } from "../check/spec/rules.ts";
import { testsOf } from "../check/spec/tests.ts";
import { countsOf } from "../tests/counts.ts";

// The calls are put together here, so that the check of this repository does not take them for tests.
const TEST = "te" + "st";

function faults(spec: string, tests: string): readonly string[] {
  return coverageFaults(rulesOf("spec.md", spec), testsOf("a.test.ts", tests));
}

test("CK6 rules and tests that belong together are no fault", () => {
  const spec = "- **L7** One.\n- **L8** Two.\n  - **D2a** Three.";
  const tests = `${TEST}("L7 L8 stores", () => {});\n${TEST}.each([[")", 1], ["x", (2)]])(\`D2a %s\`, () => {});`;
  expect(faults(spec, tests)).toEqual([]);
});

test("CK6 each kind of fault is one line that says where", () => {
  const spec = "- **L7** One.\n- **L7** Again.\n- **L8** Two.";
  const tests = `${TEST}("L7 stores", f);\n${TEST}.skip("no rule", f);\n${TEST}("L9 nowhere", f);`;
  expect(faults(spec, tests)).toEqual([
    "spec.md:2 L7 is used twice",
    "spec.md:3 L8 has no test",
    'a.test.ts:2 "no rule" begins with no rule',
    "a.test.ts:3 L9 is a rule of no page in docs/spec",
  ]);
});

test("CK6 ids are read from the beginning of a name only", () => {
  expect(idsOf("L7, L8: both")).toEqual(["L7", "L8"]);
  expect(idsOf("a name with L7 in it")).toEqual([]);
  expect(idsOf("UTF8 is not a rule's id when it is a word: L7")).toEqual(["UTF8"]);
});

test("CK7 each test case of a report is counted once", () => {
  const report = `<testsuites tests="9"><testsuite tests="4" failures="2">
    <testcase name="a &gt; b" time="0.1" />
    <testsuite name="inner" tests="3">
      <testcase name="b"><failure message="x"/></testcase>
      <testcase name="c" time="1"><skipped /></testcase>
      <testcase name="d" time="1"></testcase>
    </testsuite></testsuite></testsuites>`;
  expect(countsOf(report)).toEqual({ passed: 2, failed: 1, skipped: 1 });
});
