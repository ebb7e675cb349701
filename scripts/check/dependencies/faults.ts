import type { Import } from "../boundaries/imports.ts";
import { USED_UNSEEN } from "./table.ts";

/** What a package.json declares, and what the sources of its folder use. */
export interface Package {
  /** Path of its package.json, for the faults. */
  readonly file: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly imports: readonly Import[];
  /** Whether any source, or a script of its package.json, names this package. */
  names(dependency: string): boolean;
}

/**
 * Imports that no package.json declares, and declarations that nothing uses. What runs for users (`src`) needs a dependency,
 * its types at least a development one; tests, benchmarks and scripts may also use what the root declares, and every package of ours.
 */
export function dependencyFaults(packages: readonly Package[], root: readonly string[]): readonly string[] {
  return packages.flatMap((one) => {
    const missing = one.imports.map((each) => undeclared(one, each, root)).filter((fault) => fault !== undefined);
    const unused = [...one.dependencies, ...one.devDependencies].filter((name) => !isUsed(one, name));
    return [...new Set(missing), ...unused.map((name) => `${one.file} declares ${name}, which nothing uses`)];
  });
}

function undeclared(
  one: Package,
  { file, line, specifier, typeOnly }: Import,
  root: readonly string[],
): string | undefined {
  const name = packageOf(specifier);
  if (name === undefined || one.dependencies.includes(name)) return undefined;
  const shipped = file.includes("/src/") && !file.includes(".test.") && !file.includes(".contract.");
  if (one.devDependencies.includes(name) && (typeOnly || !shipped)) return undefined;
  if (!shipped && (root.includes(name) || name.startsWith("@tidegate/"))) return undefined;
  const where = shipped && !typeOnly ? "dependencies" : "devDependencies";
  return `${file}:${line} imports ${name}, which ${one.file} does not have in its ${where}`;
}

/** The package that an import means; undefined for a path and for what Bun and Node bring along. */
function packageOf(specifier: string): string | undefined {
  if (/^(?:\.|node:|bun(?::|$))/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

/** Types are used where their package is. */
function isUsed(one: Package, name: string): boolean {
  if (USED_UNSEEN[name] !== undefined) return true;
  return one.names(name) || (name.startsWith("@types/") && one.names(name.slice("@types/".length)));
}
