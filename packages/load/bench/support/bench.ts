import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../src/report/machine.ts";
import { renderText } from "../../src/report/render.ts";
import type { Plot } from "../../src/plot/plot.ts";
import type { Bar, Result, Table, WordTable } from "../../src/report/result.ts";
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
  /** Numbers of `--quick`, a run that shows whether it works and figures to within a factor of two or so. */
  readonly quick?: Readonly<Partial<Record<N, number>>>;
  /** What `--only` may name. */
  readonly parts?: readonly string[];
  measure(settings: Settings<N>): Promise<Findings>;
}

export interface Settings<N extends string> {
  readonly numbers: Readonly<Record<N, number>>;
  /** File to run as Tidegate instead of this repository's. */
  readonly entry: string | undefined;
  /** Whether to measure this part. */
  wants(part: string): boolean;
  readonly quick: boolean;
  /** Says what goes on; to the error stream, so that `--json` stays clean. */
  progress(text: string): void;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly words?: readonly WordTable[];
  readonly plots?: readonly Plot[];
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
function readFlags<N extends string>(bench: Bench<N>, args: readonly string[]): Flags<N> | string {
  const names = Object.keys(bench.numbers) as N[];
  const numeric = Object.fromEntries(names.map((flag) => [flag, { type: "string" as const }]));
  const [text, yes] = [{ type: "string" }, { type: "boolean" }] as const;
  const others = { json: yes, assert: yes, unsaved: yes, entry: text } as const;
  const special = {
    ...(bench.quick === undefined ? {} : { quick: yes }),
    ...(bench.parts === undefined ? {} : { only: text }),
  };
  try {
    const { values } = parseArgs({ args: [...args], options: { ...numeric, ...others, ...special } });
    return flagsOf(bench, names, values as Record<string, string | boolean | undefined>);
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usageOf(bench, names)}`;
  }
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Throws if a flag's value is none. */
function flagsOf<N extends string>(bench: Bench<N>, names: readonly N[], given: Given): Flags<N> {
  const quick = given["quick"] === true;
  const defaults = quick ? { ...bench.numbers, ...bench.quick } : bench.numbers;
  const chosen = Object.fromEntries(names.map((flag) => [flag, numberOf(flag, given[flag], defaults[flag])]));
  const only = partsOf(bench.parts ?? [], given["only"]);
  return {
    numbers: chosen as Record<N, number>,
    entry: typeof given["entry"] === "string" ? given["entry"] : undefined,
    json: given["json"] === true,
    assert: given["assert"] === true,
    unsaved: given["unsaved"] === true,
    quick,
    wants: (part) => only === undefined || only.has(part),
    progress: (text) => console.error(text),
  };
}

/** Undefined stands for all. */
function partsOf(known: readonly string[], given: string | boolean | undefined): ReadonlySet<string> | undefined {
  if (typeof given !== "string") return undefined;
  const parts = given.split(",").map((part) => part.trim());
  const unknown = parts.find((part) => !known.includes(part));
  if (unknown !== undefined) throw new Error(`--only knows ${known.join(", ")}; not "${unknown}"`);
  return new Set(parts);
}

function usageOf<N extends string>({ name, quick, parts }: Bench<N>, names: readonly N[]): string {
  const flags = [
    ...names.map((flag) => `--${flag} <number>`),
    ...(quick === undefined ? [] : ["--quick"]),
    ...(parts === undefined ? [] : [`--only <${parts.join(",")}>`]),
    "--entry <file>",
    "--json",
    "--assert",
  ];
  return `bench:${name} takes ${flags.join(", ")} and --unsaved`;
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
