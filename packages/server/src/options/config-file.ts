import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./sources.ts";

export const CONFIG_NAME = "tidegate.yaml";

/** The file to read: `--config`, or TIDEGATE_CONFIG, or tidegate.yaml in the working directory if there is one. */
export function configFile(input: { flag: string | undefined; env: Environment; cwd: string }): string | undefined {
  const named = input.flag ?? input.env["TIDEGATE_CONFIG"];
  if (named !== undefined) return named;
  const here = join(input.cwd, CONFIG_NAME);
  return existsSync(here) ? here : undefined;
}
