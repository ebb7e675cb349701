import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, countsOf, NONE, type Counts } from "./counts.ts";
import type { Group } from "./groups.ts";

export interface GroupRun {
  readonly group: Group;
  readonly files: readonly string[];
  /** Folder of the repository. */
  readonly root: string;
  /** Only tests whose names fit this regular expression. */
  readonly namePattern: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `inherit` shows the progress; `pipe` keeps it for the result. */
  readonly output: "inherit" | "pipe";
}

export interface GroupResult {
  readonly counts: Counts;
  /** Empty if it was shown. */
  readonly output: string;
}

/** Runs test files by `bun test` and counts from its report. A run that ends badly without a failed test is one failure. */
export async function runGroup(run: GroupRun): Promise<GroupResult> {
  const folder = await mkdtemp(join(tmpdir(), "tidegate-tests-"));
  try {
    const report = join(folder, "junit.xml");
    const { code, output } = await bunTest(run, report);
    const file = Bun.file(report);
    const counts = (await file.exists()) ? seen(countsOf(await file.text()), run) : NONE;
    const lost = code !== 0 && counts.failed === 0;
    return { counts: lost ? add(counts, { ...NONE, failed: 1 }) : counts, output };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** With a name pattern the report has every other test as skipped: they are not what was asked for. */
function seen(counts: Counts, { namePattern }: GroupRun): Counts {
  return namePattern === undefined ? counts : { ...counts, skipped: 0 };
}

async function bunTest(run: GroupRun, report: string): Promise<{ code: number; output: string }> {
  const child = Bun.spawn(
    [process.execPath, "test", ...flagsOf(run, report), ...run.files.map((file) => `./${file}`)],
    {
      cwd: run.root,
      env: run.env,
      timeout: run.group.limit,
      stdin: "ignore",
      stdout: run.output,
      stderr: run.output,
    },
  );
  const texts = [child.stdout, child.stderr].map((stream) => (stream === undefined ? "" : new Response(stream).text()));
  const [code, ...parts] = await Promise.all([child.exited, ...texts]);
  return { code, output: parts.join("") };
}

function flagsOf({ group, namePattern }: GroupRun, report: string): readonly string[] {
  const flags = [`--timeout=${group.timeout}`, "--reporter=junit", `--reporter-outfile=${report}`, "--no-orphans"];
  if (group.parallel) flags.push("--parallel");
  if (namePattern !== undefined) flags.push("-t", namePattern, "--pass-with-no-tests");
  return flags;
}
