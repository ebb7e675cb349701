import type { RunResult } from "./types.ts";

/** The text of a result file. */
export function writeResult(result: RunResult): string {
  return `${JSON.stringify(result)}\n`;
}

/** Reads the text of a result file. Throws an Error that says why it is none. */
export function readResult(text: string, file: string): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON`);
  }
  if (typeof value !== "object" || value === null || !("version" in value) || !("series" in value))
    throw new Error(`${file} is no result of tidegate load run --json`);
  if (value.version !== 1) throw new Error(`${file} was written by another version of tidegate load`);
  return value as RunResult;
}
