import { checkScenario } from "./check.ts";
import { ScenarioError } from "./fault.ts";
import { lineFinder } from "./place.ts";
import { readTree, type Wrong } from "./read-tree.ts";
import { applySet } from "./set.ts";
import { SCENARIO, type Scenario } from "./table.ts";

/** A scenario's file; larger ones are mistakes. */
const MAX_CHARS = 1024 * 1024;

/**
 * Reads the text of a scenario. `file` is its name in messages; `sets` are assignments of the command line. Throws
 * `ScenarioError` with everything that is wrong, each with its place.
 */
export function loadScenario(text: string, file: string, sets: readonly string[] = []): Scenario {
  const tree = parseYaml(text, file);
  const faults = sets.flatMap((set) => applySet(tree, set)?.message ?? []);
  if (faults.length > 0) throw new ScenarioError(faults);
  const wrongs: Wrong[] = [];
  const scenario = readTree(SCENARIO, tree, "", wrongs) as unknown as Scenario;
  if (wrongs.length === 0) wrongs.push(...checkScenario(scenario));
  if (wrongs.length === 0) return scenario;
  const line = lineFinder(text);
  throw new ScenarioError(wrongs.map((wrong) => placed(wrong, file, line)));
}

function placed({ path, message }: Wrong, file: string, lineOf: (path: string) => number | undefined): string {
  const line = lineOf(path);
  return `${file}${line === undefined ? "" : `:${line}`}: ${path} ${message}`;
}

function parseYaml(text: string, file: string): unknown {
  if (text.length > MAX_CHARS) throw new ScenarioError([`${file}: is larger than ${MAX_CHARS / 1024} KB`]);
  try {
    return Bun.YAML.parse(text);
  } catch (error) {
    throw new ScenarioError([`${file}: is no YAML: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
