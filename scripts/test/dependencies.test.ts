import { afterEach, expect, test } from "bun:test";
import { dependencyFaultsIn } from "../check/dependencies/read.ts";
import { cleanUp, makeFolder } from "./launched.ts";

afterEach(cleanUp);

const ROOT = JSON.stringify({ devDependencies: { "fast-check": "1.0.0" } });
const USES_FAST_CHECK = `import fc from "fast-check";\n`;

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** The faults of a repository with one package. */
async function faultsOf(manifest: Manifest, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const own = Object.entries(files).map(([path, text]) => [`packages/a/${path}`, text]);
  const folder = await makeFolder({
    "package.json": ROOT,
    "scripts/a.ts": USES_FAST_CHECK,
    "packages/a/package.json": JSON.stringify(manifest),
    ...(Object.fromEntries(own) as Record<string, string>),
  });
  return dependencyFaultsIn(folder);
}

test("CK11 what runs for users is among the dependencies", async () => {
  const sources = { "src/a.ts": `import { x } from "jose/jwt";\n` };
  expect(await faultsOf({ dependencies: { jose: "1" } }, sources)).toEqual([]);
  expect(await faultsOf({ devDependencies: { jose: "1" } }, sources)).toEqual([
    "packages/a/src/a.ts:1 imports jose, which packages/a/package.json does not have in its dependencies",
  ]);
});

test("CK11 types and tests are content with a development dependency, tests also with one of the root", async () => {
  const sources = {
    "src/a.ts": `import type { X } from "jose";\nimport { readFileSync } from "node:fs";\nimport { b } from "./b.ts";\n`,
    "test/a.test.ts": `import { x } from "jose";\nimport { test } from "bun:test";\nimport { y } from "@tidegate/b";\n${USES_FAST_CHECK}`,
  };
  expect(await faultsOf({ devDependencies: { jose: "1" } }, sources)).toEqual([]);
  expect(await faultsOf({}, sources)).toHaveLength(2);
  expect(await faultsOf({}, { "src/a.ts": USES_FAST_CHECK })).toHaveLength(1);
});

test("CK11 a declared package that no source names is an error; types are used with their package", async () => {
  const sources = { "peers/a.mjs": `import ws from "ws";\n` };
  expect(await faultsOf({ devDependencies: { ws: "1", "@types/ws": "1" } }, sources)).toEqual([]);
  expect(await faultsOf({ dependencies: { zod: "1" } }, {})).toEqual([
    "packages/a/package.json declares zod, which nothing uses",
  ]);
});
