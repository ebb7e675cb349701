import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runHere } from "./support/here.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

const dir = new TempDir("tidegate-cli");
afterAll(dir.remove);

function fileOf(name: string, text: string): string {
  const path = join(dir.path, name);
  writeFileSync(path, text);
  return path;
}

test("LG57 what is no result is refused with its name and the reason", async () => {
  const good = fileOf("good.json", JSON.stringify({ version: 1, series: [] }));
  const refused = [
    [fileOf("text.json", "hello"), "is no JSON"],
    [fileOf("other.json", "{}"), "is no result of tidegate load run --json"],
    [fileOf("later.json", JSON.stringify({ version: 2, series: [] })), "was written by another version"],
    [join(dir.path, "missing.json"), "no such file"],
  ] as const;
  for (const [file, reason] of refused) {
    const { code, out, err } = await runHere(["load", "compare", good, file]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(file);
    expect(err).toContain(reason);
  }
});
