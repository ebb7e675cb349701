import { CannotHave } from "./peer.ts";

/** Version of an installed npm package. Rejects with `CannotHave`. */
export async function versionOfPackage(name: string): Promise<string> {
  if (Bun.which("node") === null) throw new CannotHave("node is not installed", "install Node 20 or later");
  try {
    const path = import.meta.resolve(`${name}/package.json`);
    const { version } = (await import(path, { with: { type: "json" } })) as { readonly version: string };
    return version;
  } catch {
    throw new CannotHave(`the npm package ${name} is not installed`, "run npm install at the root of the repository");
  }
}

/** The first line that a tool tells of itself, after what it builds. */
export function versionOfTool(library: string, command: readonly string[]): string {
  const { stdout, stderr } = Bun.spawnSync([...command]);
  const text = `${stdout.toString()}\n${stderr.toString()}`.trim();
  const found = /\d+(?:\.\d+)+/.exec(text)?.[0] ?? "";
  return `${library}${library === "" ? "" : ", "}${command[0] ?? ""} ${found}`;
}
