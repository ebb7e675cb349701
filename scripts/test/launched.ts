import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What the launcher's tests share: folders that go away, and the launcher as a child process. */
const folders: string[] = [];

/** A new folder with these files, by their relative paths. */
export async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tidegate-launcher-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

export async function cleanUp(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
}

export function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dir, "../bun.mjs");
  return Bun.spawn(["node", script, ...args], {
    env: { ...process.env, ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
}

export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Waits for the next line and requires it to be this one. */
export async function reads(lines: AsyncGenerator<string, void>, expected: string): Promise<void> {
  const { value } = await lines.next();
  if (value !== expected) throw new Error(`expected the line "${expected}", got "${value ?? "the end"}"`);
}
