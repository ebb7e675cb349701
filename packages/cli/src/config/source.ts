import { configFile, type Loaded, loadWithOrigins } from "@tidegate/server";
import type { Context } from "../context.ts";

export interface ConfigFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
}

/** What `tidegate serve` with the same flags would read here. Throws OptionsError. */
export function loadHere(
  { config, ...flags }: ConfigFlags,
  { terminal: { env, cwd } }: Pick<Context, "terminal">,
): Loaded {
  return loadWithOrigins({ file: configFile({ flag: config, env, cwd }), env, flags });
}
