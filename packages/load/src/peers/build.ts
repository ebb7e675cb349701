import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CannotHave, type Workshop } from "./peer.ts";

/** Characters of a failed build's output that are shown. */
const SHOWN_OUTPUT = 600;

export interface Recipe {
  readonly name: string;
  /** The program that builds it, and what to install where it is missing. */
  readonly tool: string;
  readonly remedy: string;
  /** Folder of the sources: a change in it is a new build. */
  readonly source: string;
  /** Command that puts the build into `out`. */
  readonly command: (out: string) => readonly string[];
  readonly environment?: (out: string) => Readonly<Record<string, string>>;
}

/** Where peers are built: `TIDEGATE_PEERS`, or a folder in the user's cache. */
export function peersCache(environment: Readonly<Record<string, string | undefined>>): string {
  const cache = environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return environment["TIDEGATE_PEERS"] ?? join(cache, "tidegate-peers");
}

/** The folder of the build; made if there is none of these sources yet. Rejects with `CannotHave`. */
export async function build(recipe: Recipe, { cache, progress }: Workshop): Promise<string> {
  const { name, tool, remedy, source } = recipe;
  const out = join(cache, `${name}-${fingerprint(source, recipe.command("out"))}`);
  if (existsSync(out)) return out;
  if (Bun.which(tool) === null) throw new CannotHave(`${tool} is not installed`, remedy);
  const making = `${out}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  progress(`${name}: building with ${tool} (once; the first time it also downloads libraries) …`);
  const start = performance.now();
  await runBuild(recipe, making);
  renameSync(making, out);
  progress(`${name}: built in ${Math.round((performance.now() - start) / 1000)} s`);
  return out;
}

async function runBuild({ name, source, remedy, command, environment }: Recipe, out: string): Promise<void> {
  // In a copy: build tools leave lock files and folders beside their sources.
  const cwd = join(out, "source");
  cpSync(source, cwd, { recursive: true });
  const child = Bun.spawn([...command(out)], {
    cwd,
    env: { ...process.env, ...environment?.(out) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0)
    throw new CannotHave(`${name} does not build: ${`${text}\n${errors}`.trim().slice(-SHOWN_OUTPUT)}`, remedy);
}

function fingerprint(source: string, command: readonly string[]): string {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(JSON.stringify(command));
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" }).toSorted()) {
    const path = join(source, file);
    if (statSync(path).isFile() && !file.startsWith("target/")) hash.update(file).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}
