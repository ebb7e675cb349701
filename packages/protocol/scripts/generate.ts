import { dirname, join } from "node:path";

/** Generates the Protobuf code of the tests into `out`, which is made anew. Throws with what `buf` said if it fails. */
export async function generate(out: string): Promise<void> {
  const plugin = {
    local: ["node", binaryOf("@bufbuild/protoc-gen-es", "protoc-gen-es")],
    out,
    opt: ["target=ts"],
    strategy: "all",
  };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  const buf = Bun.spawn(["node", binaryOf("@bufbuild/buf", "buf"), "generate", "--clean", "--template", template], {
    cwd: join(import.meta.dir, ".."),
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(buf.stderr).text();
  if ((await buf.exited) !== 0) throw new Error(`buf generate failed: ${said}`);
}

/** Wherever npm put the package: beside the workspace's others, or in this package. */
function binaryOf(name: string, binary: string): string {
  return join(dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir)), "bin", binary);
}

if (import.meta.main) await generate(join(import.meta.dir, "../test/gen"));
