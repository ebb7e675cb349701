import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadOptions, OptionsError } from "../../src/options/index.ts";
import { TempDir } from "../support/temp-dir.ts";

/** Runs `use` with the path of a tidegate.yaml that holds `text`, and removes it. */
export function withFile<T>(text: string, use: (file: string) => T): T {
  using folder = new TempDir("tidegate-options");
  const file = join(folder.path, "tidegate.yaml");
  writeFileSync(file, text);
  return use(file);
}

interface Input {
  readonly text?: string;
  readonly env?: Record<string, string>;
  readonly flags?: Record<string, unknown>;
}

/** The faults of a configuration, with the folder of the file taken out; empty if there are none. */
export function faultsOf({ text = "", env = {}, flags = {} }: Input): readonly string[] {
  return withFile(text, (file) => {
    try {
      loadOptions({ file, env, flags });
      return [];
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      return error.faults.map((fault) => fault.replaceAll(file, "tidegate.yaml"));
    }
  });
}
