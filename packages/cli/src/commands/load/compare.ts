import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { compareResults, readResult, renderComparison, renderComparisonPage, type RunResult } from "@tidegate/load";
import type { Context } from "../../context.ts";
import { textOf, usageError } from "../../exit.ts";
import { save } from "./save.ts";

export interface CompareFlags {
  readonly html?: string;
}

export async function compare(
  files: readonly [string, string],
  { html }: CompareFlags,
  { terminal }: Context,
): Promise<void> {
  const [before, after] = files.map((file) => result(file, terminal.cwd)) as [RunResult, RunResult];
  const comparison = compareResults(before, after);
  const names = [basename(files[0], ".json"), basename(files[1], ".json")] as const;
  if (html !== undefined) save(html, renderComparisonPage(comparison, names), terminal.cwd);
  await terminal.out(renderComparison(comparison, names));
}

function result(file: string, cwd: string): RunResult {
  try {
    return readResult(readFileSync(resolve(cwd, file), "utf8"), file);
  } catch (error) {
    throw usageError(textOf(error));
  }
}
