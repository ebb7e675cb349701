import { dirname, join, normalize } from "node:path";

/** One import statement of a file. Paths are relative to the root of the repository. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  /** Whether nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

/** `import … from "x"`, `export … from "x"`, `import "x"` at the beginning of a line, over several lines too. */
const STATEMENT = /^(?:import|export)\s+(?:([^"';]*?)\s*from\s*)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/g;

export function importsOf(file: string, source: string): readonly Import[] {
  const found: Import[] = [];
  const add = (index: number, specifier: string, typeOnly: boolean): void => {
    found.push({ file, line: source.slice(0, index).split("\n").length, specifier, typeOnly });
  };
  for (const match of source.matchAll(STATEMENT)) add(match.index, match[2] ?? "", isTypeOnly(match[1]));
  for (const match of source.matchAll(DYNAMIC)) add(match.index, match[1] ?? "", false);
  return found;
}

/** `type { A }`, `type A`, and `{ type A, type B }`. */
function isTypeOnly(clause: string | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.startsWith("type ")) return true;
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  if (names === undefined) return false;
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .every((name) => name.startsWith("type "));
}

/**
 * The file that an import of ours means: a relative path, or `@tidegate/<package>[/<path>]`, which is its `src`. Undefined
 * for packages of others.
 */
export function targetOf({ file, specifier }: Import): string | undefined {
  const path = specifier.replace(/[?#].*$/, "");
  if (path.startsWith(".")) return normalize(join(dirname(file), path));
  const ours = /^@tidegate\/([\w-]+)(?:\/(.+))?$/.exec(path);
  if (ours === null) return undefined;
  return `packages/${ours[1]}/src/${ours[2] ?? "index.ts"}`;
}
