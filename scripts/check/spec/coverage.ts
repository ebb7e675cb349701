import { RULES_WITHOUT_TEST, TESTS_WITHOUT_RULE } from "./exceptions.ts";
import { idsOf, rulesOf, type Rule } from "./rules.ts";
import { testsOf, type NamedTest } from "./tests.ts";

/** Rules without a test, tests without a rule, rules that are numbered twice, and exceptions that are none any more. */
export function coverageFaults(rules: readonly Rule[], tests: readonly NamedTest[]): readonly string[] {
  const known = new Set(rules.map(({ id }) => id));
  const proved = new Set(tests.flatMap(({ name }) => idsOf(name)));
  return [
    ...rules.filter(isSecond).map((rule) => `${at(rule)} ${rule.id} is used twice`),
    ...rules.filter(({ id }) => !proved.has(id) && !isExcused(id)).map((rule) => `${at(rule)} ${rule.id} has no test`),
    ...tests.flatMap((test) => testFaults(test, known)),
    ...RULES_WITHOUT_TEST.filter(({ id }) => !known.has(id) || proved.has(id)).map(
      ({ id }) => `${id} needs no exception`,
    ),
  ];
}

/** `root` is the folder of the repository. */
export async function specFaults(root: string): Promise<readonly string[]> {
  const rules = await collect(root, ["docs/spec/**/*.md"], rulesOf);
  const patterns = ["packages/*/{src,test,bench}/**/*.{test,contract}.{ts,tsx}", "scripts/**/*.test.ts"];
  return coverageFaults(rules, await collect(root, patterns, testsOf));
}

function testFaults(test: NamedTest, known: ReadonlySet<string>): readonly string[] {
  const ids = idsOf(test.name);
  if (ids.length === 0) return needsNoRule(test.file) ? [] : [`${at(test)} "${test.name}" begins with no rule`];
  return ids.filter((id) => !known.has(id)).map((id) => `${at(test)} ${id} is a rule of no page in docs/spec`);
}

function isSecond(rule: Rule, index: number, rules: readonly Rule[]): boolean {
  return rules.findIndex(({ id }) => id === rule.id) !== index;
}

function isExcused(id: string): boolean {
  return RULES_WITHOUT_TEST.some((exception) => exception.id === id);
}

function needsNoRule(file: string): boolean {
  return TESTS_WITHOUT_RULE.some((exception) => exception.file === file);
}

async function collect<T>(
  root: string,
  patterns: readonly string[],
  read: (file: string, text: string) => readonly T[],
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const pattern of patterns) {
    const files = await Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: root }));
    for (const file of files.toSorted()) found.push(...read(file, await Bun.file(`${root}/${file}`).text()));
  }
  return found;
}

function at({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}
