import { join } from "node:path";

/** Generates the Protobuf code of the tests into `out`, which is made anew. Throws with what `buf` said if it fails. */
export async function generate(out: string): Promise<void> {
  const root = join(import.meta.dir, "..");
  const bin = join(root, "../../node_modules/.bin");
  const template = {
    version: "v2",
    plugins: [{ local: join(bin, "protoc-gen-es"), out, opt: ["target=ts"], strategy: "all" }],
  };
  const buf = Bun.spawn([join(bin, "buf"), "generate", "--clean", "--template", JSON.stringify(template)], {
    cwd: root,
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = await new Response(buf.stderr).text();
  if ((await buf.exited) !== 0) throw new Error(`buf generate failed: ${said}`);
}

if (import.meta.main) await generate(join(import.meta.dir, "../test/gen"));
