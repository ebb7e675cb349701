import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../src/report/machine.ts";
import { renderText } from "../../src/report/render.ts";
import type { Bar, Result, Table } from "../../src/report/result.ts";
import { IncorrectDelivery } from "../../src/scenario/run.ts";
import { ServerDidNotStart } from "../../src/servers/server-process.ts";

export const ROOT = join(import.meta.dir, "../../../..");
export const OUTPUT = join(ROOT, "tmp/bench");

/** What a benchmark is, apart from its measuring. */
export interface Bench<N extends string> {
  readonly name: string;
  readonly title: string;
  /** Numbers that flags may change, with their defaults; `rounds` and `seconds` among them. */
  readonly numbers: Readonly<Record<N, number>>;
  measure(settings: Settings<N>): Promise<Findings>;
}

export interface Settings<N extends string> {
  readonly numbers: Readonly<Record<N, number>>;
  /** File to run as Tidegate instead of this repository's. */
  readonly entry: string | undefined;
  /** Says what goes on; to the error stream, so that `--json` stays clean. */
  progress(text: string): void;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly bars: readonly Bar[];
  readonly notes: readonly string[];
}

/** Runs a benchmark as a command: flags, output, file, exit code. */
export async function benchCommand<N extends string>(bench: Bench<N>, args: readonly string[]): Promise<number> {
  const flags = readFlags(bench, args);
  if (typeof flags === "string") {
    console.error(flags);
    return 2;
  }
  // An exit runs what ends the servers; a signal's own end does not.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    const result = describe(bench, flags.numbers, await bench.measure(flags));
    if (!flags.unsaved) save(result);
    console.log(flags.json ? JSON.stringify(result, undefined, 2) : `\n${renderText(result)}\n`);
    return flags.assert && result.bars.some((bar) => !bar.met) ? 1 : 0;
  } catch (error) {
    const known = error instanceof IncorrectDelivery || error instanceof ServerDidNotStart;
    console.error(known ? `FAILED: ${error.message}` : error);
    return 1;
  }
}

interface Flags<N extends string> extends Settings<N> {
  readonly json: boolean;
  readonly assert: boolean;
  /** Too short to be put into the page: no file is written. */
  readonly unsaved: boolean;
}

/** The flags, or what to tell who got them wrong. */
function readFlags<N extends string>({ name, numbers }: Bench<N>, args: readonly string[]): Flags<N> | string {
  const names = Object.keys(numbers) as N[];
  const numeric = Object.fromEntries(names.map((flag) => [flag, { type: "string" as const }]));
  const [text, yes] = [{ type: "string" }, { type: "boolean" }] as const;
  const others = { json: yes, assert: yes, unsaved: yes, entry: text } as const;
  const usage = `bench:${name} takes ${names.map((flag) => `--${flag} <number>`).join(", ")}, --entry <file>, --json, --assert and --unsaved`;
  try {
    const { values } = parseArgs({ args: [...args], options: { ...numeric, ...others } });
    const given = values as Record<string, string | boolean | undefined>;
    const chosen = Object.fromEntries(names.map((flag) => [flag, numberOf(flag, given[flag], numbers[flag])]));
    return {
      numbers: chosen as Record<N, number>,
      entry: typeof given["entry"] === "string" ? given["entry"] : undefined,
      json: given["json"] === true,
      assert: given["assert"] === true,
      unsaved: given["unsaved"] === true,
      progress: (text) => console.error(text),
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function numberOf(flag: string, given: string | boolean | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`--${flag} must be a number above 0, not "${given}"`);
  return value;
}

function describe<N extends string>(bench: Bench<N>, numbers: Readonly<Record<N, number>>, findings: Findings): Result {
  return {
    name: bench.name,
    title: bench.title,
    command: `npm run bench:${bench.name}`,
    date: new Date().toISOString(),
    machine: describeMachine(),
    parameters: numbers,
    ...findings,
  };
}

function save(result: Result): void {
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(join(OUTPUT, `${result.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}
