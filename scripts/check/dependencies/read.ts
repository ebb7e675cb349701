import { importsOf } from "../boundaries/imports.ts";
import { dependencyFaults, type Package } from "./faults.ts";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

const SOURCES = "**/*.{ts,tsx,mts,mjs}";

/** `root` is the folder of the repository. */
export async function dependencyFaultsIn(root: string): Promise<readonly string[]> {
  const manifests = await Array.fromAsync(new Bun.Glob("packages/*/package.json").scan({ cwd: root }));
  const packages = await Promise.all(
    manifests.toSorted().map((file) => readPackage(root, file, [`${file.replace("package.json", "")}${SOURCES}`])),
  );
  const whole = await readPackage(root, "package.json", [`{bin,scripts,examples}/${SOURCES}`, `packages/*/${SOURCES}`]);
  // The packages' imports are theirs; only the uses of what the root declares are looked for everywhere.
  const own = { ...whole, imports: whole.imports.filter(({ file }) => !file.startsWith("packages/")) };
  return dependencyFaults([own, ...packages], [...whole.dependencies, ...whole.devDependencies]);
}

async function readPackage(root: string, file: string, patterns: readonly string[]): Promise<Package> {
  const manifest = (await Bun.file(`${root}/${file}`).json()) as Manifest;
  const sources = await readSources(root, patterns);
  const commands = Object.values(manifest.scripts ?? {}).join(" ");
  const texts = [...sources.values()].join("\n");
  return {
    file,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    imports: [...sources].flatMap(([path, text]) => importsOf(path, text)),
    // As a string of its own, or the beginning of a path: "x", "x/y".
    names: (name) => ['"', "/"].some((end) => texts.includes(`"${name}${end}`)) || commands.split(/\s/).includes(name),
  };
}

async function readSources(root: string, patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for (const pattern of patterns) {
    for await (const path of new Bun.Glob(pattern).scan({ cwd: root })) {
      if (!path.includes("node_modules/")) sources.set(path, await Bun.file(`${root}/${path}`).text());
    }
  }
  return sources;
}
