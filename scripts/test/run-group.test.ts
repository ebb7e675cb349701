import { afterEach, expect, test } from "bun:test";
import type { Group } from "../tests/groups.ts";
import { runGroup } from "../tests/run-group.ts";
import { cleanUp, makeFolder } from "./launched.ts";

// Put together here, so that the check of this repository does not take them for tests.
const TEST = "te" + "st";
const IMPORT = `import { expect, test } from "bun:test";\n`;
const GROUP: Group = { name: "", folders: [], timeout: 5000, limit: 5000, parallel: false, needsBrowser: false };

afterEach(cleanUp);

async function run(files: Readonly<Record<string, string>>, group = GROUP, namePattern?: string) {
  const root = await makeFolder(files);
  return runGroup({ group, files: Object.keys(files), root, namePattern, env: process.env, output: "pipe" });
}

const MIXED = `${IMPORT}
${TEST}("passes", () => {});
${TEST}("fails", () => expect(1).toBe(2));
${TEST}("waits", () => new Promise(() => {}), 10);
${TEST}.skip("is skipped", () => {});
${TEST}.todo("is to do");
`;

test("CK7 passed, failed, timed out and skipped tests are counted", async () => {
  const { counts, output } = await run({ "a.test.ts": MIXED });
  expect(counts).toEqual({ passed: 1, failed: 2, skipped: 2 });
  expect(output).toContain("(fail) fails");
});

test("CK7 tests that a name pattern leaves out are not counted", async () => {
  const { counts } = await run({ "a.test.ts": MIXED }, GROUP, "passes");
  expect(counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test("CK7 workers side by side count the same", async () => {
  const { counts } = await run({ "a.test.ts": MIXED, "b.test.ts": MIXED }, { ...GROUP, parallel: true });
  expect(counts).toEqual({ passed: 2, failed: 4, skipped: 4 });
});

test("CK7 a file that does not load is a failure", async () => {
  const { counts } = await run({ "a.test.ts": `import { x } from "./nowhere.ts";\nx();\n` });
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("CK7 a run that dies or hangs is a failure", async () => {
  const dies = await run({ "a.test.ts": `process.exit(3);` });
  expect(dies.counts.failed).toBe(1);
  const hangs = await run({ "a.test.ts": `while (true);` }, { ...GROUP, limit: 300 });
  expect(hangs.counts.failed).toBe(1);
});
