import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { CliError, textOf } from "../exit.ts";

/** Writes a file that is not there yet. Only its owner may read it: secrets will stand in it. */
export function writeNewFile(file: string, text: string, { terminal }: Context): void {
  try {
    writeFileSync(resolve(terminal.cwd, file), text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new CliError(exists ? `${file} is there already; nothing was written` : `${file}: ${textOf(error)}`);
  }
}
