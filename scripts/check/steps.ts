import { sentence } from "../tests/counts.ts";
import { filesOf, GROUPS } from "../tests/groups.ts";
import { runGroup } from "../tests/run-group.ts";
import { boundaryFaults } from "./boundaries/boundaries.ts";
import { dependencyFaultsIn } from "./dependencies/read.ts";
import { checkGenerated } from "./generated.ts";
import { lockFileFaults } from "./lock.ts";
import { specFaults } from "./spec/coverage.ts";
import { commandStep, faultStep, type Outcome, type Step } from "./step.ts";

/** What must hold before a change goes in. `root` is the folder of the repository. */
export function allSteps(root: string): readonly Step[] {
  const bun = process.execPath;
  return [
    commandStep("types", [bun, "check", "--no-script", "--no-pretty"]),
    commandStep("lint", ["node", `${root}/node_modules/oxlint/bin/oxlint`]),
    commandStep("format", [bun, "fmt", "--no-script", "--check"]),
    faultStep("imports", () => boundaryFaults(root)),
    faultStep("spec", () => specFaults(root)),
    faultStep("deps", () => dependencyFaultsIn(root)),
    faultStep("lock", () => lockFileFaults(root)),
    { name: "generated", run: () => checkGenerated(root, bun) },
    { name: "tests", run: () => unitTests(root) },
  ];
}

/** Unit and contract tests; `npm test` has the others too. */
async function unitTests(root: string): Promise<Outcome> {
  const group = GROUPS[0];
  if (group === undefined) return { ok: true, output: "" };
  const files = await filesOf(group, root, []);
  const { counts, output } = await runGroup({
    group,
    files,
    root,
    namePattern: undefined,
    env: process.env,
    output: "pipe",
  });
  return { ok: counts.failed === 0, summary: sentence(counts), output };
}
