import { afterEach, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { cleanUp, makeFolder } from "./launched.ts";

const ROOT = join(import.meta.dir, "../..");
const TSCONFIG = JSON.stringify({ compilerOptions: { strict: true, target: "ESNext", module: "Preserve" } });

afterEach(cleanUp);

/** What the linter says of one file, with the repository's own settings. */
async function lint(source: string): Promise<{ code: number; output: string }> {
  const settings = await Bun.file(join(ROOT, ".oxlintrc.json")).text();
  const folder = await makeFolder({ "a.ts": source, "tsconfig.json": TSCONFIG, ".oxlintrc.json": settings });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const child = Bun.spawn(["node", join(ROOT, "node_modules/oxlint/bin/oxlint"), "--format=unix", "a.ts"], {
    cwd: folder,
  });
  const output = await new Response(child.stdout).text();
  return { code: await child.exited, output };
}

test("CK1 a floating promise fails", async () => {
  const { code, output } = await lint("export function f(late: () => Promise<number>): void {\n  late();\n}\n");
  expect(output).toContain("a.ts:2");
  expect(output).toContain("no-floating-promises");
  expect(code).toBe(1);
});

test("CK1 an explicit any fails", async () => {
  const { code, output } = await lint("export function f(value: any): string {\n  return String(typeof value);\n}\n");
  expect(output).toContain("no-explicit-any");
  expect(code).toBe(1);
});

test("CK1 an awaited promise and unknown pass", async () => {
  const { code, output } = await lint(
    "export async function f(late: () => Promise<unknown>): Promise<unknown> {\n  return await late();\n}\n",
  );
  expect([code, output.includes("error")]).toEqual([0, false]);
});
