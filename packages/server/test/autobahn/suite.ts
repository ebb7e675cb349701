import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resultsOf, type CaseResult } from "./report.ts";

export const HOW_TO_GET_IT = `The suite's program wstest was not found. It needs Python 2.7 (CPython or PyPy) and is on PyPI:

  python2.7 -m pip install "virtualenv<20.22"
  python2.7 -m virtualenv tmp/autobahn
  tmp/autobahn/bin/pip install autobahntestsuite==0.8.2 autobahn==0.10.9 Twisted==20.3.0
  tmp/autobahn/bin/pip install wsaccel==0.6.2     (needs a C compiler; without it the run takes five times as long)
  npm run autobahn

With PyPy say pypy in the place of python2.7. A wstest elsewhere is found in the PATH or by the variable WSTEST.`;

/** Path of the suite's program. */
export async function findWstest(root: string): Promise<string | undefined> {
  const inRepository = join(root, "tmp/autobahn/bin/wstest");
  const wanted = process.env["WSTEST"];
  if (wanted !== undefined) return wanted;
  if (await Bun.file(inRepository).exists()) return inRepository;
  return Bun.which("wstest") ?? undefined;
}

export interface SuiteOptions {
  readonly wstest: string;
  readonly url: string;
  /** Patterns such as `1.*`. */
  readonly cases: readonly string[];
}

/** Runs the fuzzing client against an echo server. Rejects with its output if it ends badly or reports nothing. */
export async function runSuite({ wstest, url, cases }: SuiteOptions): Promise<readonly CaseResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "tidegate-autobahn-"));
  try {
    const spec = join(folder, "spec.json");
    await Bun.write(spec, specOf(url, join(folder, "reports"), cases));
    const output = await runClient(wstest, spec, folder);
    const index = Bun.file(join(folder, "reports/index.json"));
    if (!(await index.exists())) throw new Error(`wstest made no report:\n${output}`);
    return resultsOf(await index.json());
  } finally {
    await rm(folder, { recursive: true });
  }
}

function specOf(url: string, outdir: string, cases: readonly string[]): string {
  const servers = [{ agent: "tidegate", url, options: { version: 18 } }];
  return JSON.stringify({
    options: { failByDrop: false },
    outdir,
    servers,
    cases,
    "exclude-cases": [],
    "exclude-agent-cases": {},
  });
}

async function runClient(wstest: string, spec: string, cwd: string): Promise<string> {
  const env = { ...process.env, PYTHONWARNINGS: "ignore" };
  const child = Bun.spawn([wstest, "-m", "fuzzingclient", "-s", spec], {
    cwd,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const code = await child.exited;
  if (code !== 0) throw new Error(`wstest ended with ${code}:\n${out}${err}`);
  return out + err;
}
