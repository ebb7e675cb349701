import { runCommand, type Outcome } from "./step.ts";

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
}

/**
 * Runs the script `check-generated` of every package that has one: it makes its generated files anew elsewhere and fails if
 * those in the repository differ.
 */
export async function checkGenerated(root: string, bun: string): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for await (const file of new Bun.Glob("packages/*/package.json").scan({ cwd: root })) {
    const { scripts } = (await Bun.file(`${root}/${file}`).json()) as Manifest;
    if (scripts?.["check-generated"] === undefined) continue;
    outcomes.push(
      await runCommand([bun, "run", "--cwd", `${root}/${file.replace("/package.json", "")}`, "check-generated"]),
    );
  }
  const failed = outcomes.filter(({ ok }) => !ok);
  return {
    ok: failed.length === 0,
    summary: `${outcomes.length} packages`,
    output: failed.map(({ output }) => output).join("\n"),
  };
}
