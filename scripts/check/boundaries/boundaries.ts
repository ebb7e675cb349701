import { importsOf, targetOf, type Import } from "./imports.ts";
import { MODULES, type Module } from "./table.ts";
import { cyclesOf } from "./cycles.ts";

const SOURCES = new Bun.Glob("packages/*/{src,peers}/**/*.{ts,tsx}");

/** Every fault of the imports in the packages, one line each. `root` is the folder of the repository. */
export async function boundaryFaults(root: string): Promise<readonly string[]> {
  const imports: Import[] = [];
  for await (const file of SOURCES.scan({ cwd: root })) {
    imports.push(...importsOf(file, await Bun.file(`${root}/${file}`).text()));
  }
  const unresolved = await Promise.all(imports.map((one) => unresolvedFault(root, one)));
  const faults = [...unresolved, ...imports.map(importFault)].filter((fault) => fault !== undefined);
  return [...new Set(faults)].toSorted().concat(cyclesOf(edgesOf(imports)).map(cycleFault));
}

async function unresolvedFault(root: string, one: Import): Promise<string | undefined> {
  if (!one.specifier.startsWith(".")) return undefined;
  const target = targetOf(one);
  const there = target !== undefined && (await Bun.file(`${root}/${target}`).exists());
  return there ? undefined : `${at(one)} imports ${one.specifier}, which does not exist`;
}

export function importFault(one: Import): string | undefined {
  const target = targetOf(one);
  if (target === undefined) return undefined;
  const from = moduleOf(one.file);
  const to = moduleOf(target);
  if (from === undefined) return `${one.file} belongs to no module: add it to scripts/check/boundaries/table.ts`;
  if (from === to) return vendorFault(one.file, target);
  if (to === undefined || may(from, to, one.typeOnly)) return undefined;
  const allowed = [...from.imports, ...(from.types ?? []).map((name) => `${name} (types)`)].join(", ");
  return `${at(one)} ${from.name} may not import ${to.name} (${one.specifier}); it may import ${allowed || "nothing"}`;
}

function may(from: Module, to: Module, typeOnly: boolean): boolean {
  if (from.imports.includes("*") || from.imports.includes(to.name)) return true;
  return typeOnly && (from.types ?? []).includes(to.name);
}

/** One vendor, one folder: adapters do not know one another. */
function vendorFault(file: string, target: string): string | undefined {
  const [a, b] = [vendorOf(file), vendorOf(target)];
  return a !== undefined && b !== undefined && a !== b ? `${file} is of ${a} and imports ${b}` : undefined;
}

function vendorOf(path: string): string | undefined {
  return /\/adapters\/([^/]+)\//.exec(path)?.[1];
}

function moduleOf(path: string): Module | undefined {
  return MODULES.find(({ files }) => files.some((pattern) => new Bun.Glob(pattern).match(path)));
}

/** Module to module. What may import everything is left out: nobody may import it. */
function edgesOf(imports: readonly Import[]): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, Set<string>>();
  for (const one of imports) {
    const from = moduleOf(one.file);
    const to = moduleOf(targetOf(one) ?? "");
    if (from === undefined || to === undefined || from === to) continue;
    edges.set(from.name, (edges.get(from.name) ?? new Set()).add(to.name));
  }
  return edges;
}

function cycleFault(cycle: readonly string[]): string {
  return `modules import one another in a circle: ${cycle.join(" → ")}`;
}

function at({ file, line }: Import): string {
  return `${file}:${line}`;
}
