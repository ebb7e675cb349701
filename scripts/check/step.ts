/** One part of the check. Steps know nothing of one another and run side by side. */
export interface Step {
  readonly name: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  readonly ok: boolean;
  /** A few words for the line of a step that passed, such as "57 tests". */
  readonly summary?: string;
  /** Everything that there is to say if it failed. */
  readonly output: string;
}

/** A step that finds faults in the sources; each fault is one line. */
export function faultStep(name: string, find: () => Promise<readonly string[]>): Step {
  return {
    name,
    async run() {
      const faults = await find();
      return { ok: faults.length === 0, output: faults.join("\n") };
    },
  };
}

/** A step that is a program; it passes if the program ends with 0. */
export function commandStep(name: string, command: readonly string[]): Step {
  return { name, run: () => runCommand(command) };
}

export async function runCommand(command: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { ok: code === 0, output: `${out}${err}`.trimEnd() };
}
