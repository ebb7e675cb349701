import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "./generate.ts";

const FILE = "tidegate/v1/tidegate_pb.ts";

/** Whether test/gen is what tidegate.proto gives today. */
export async function generatedIsFresh(): Promise<boolean> {
  const out = await mkdtemp(join(tmpdir(), "tidegate-gen-"));
  try {
    await generate(out);
    const [made, kept] = await Promise.all(
      [join(out, FILE), join(import.meta.dir, "../test/gen", FILE)].map((path) => readFile(path, "utf8")),
    );
    return made === kept;
  } finally {
    await rm(out, { recursive: true });
  }
}

if (import.meta.main && !(await generatedIsFresh())) {
  console.error(
    "packages/protocol/test/gen is stale: run `npm run -w packages/protocol generate` and commit the result",
  );
  process.exit(1);
}
