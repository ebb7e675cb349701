import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { findBun, platformPackages } from "../find-bun.mjs";
import { cleanUp, makeFolder } from "./launched.ts";

const LINUX = { platform: "linux", arch: "x64", musl: false };
const PLACEHOLDER = { "node_modules/bun/package.json": "{}", "node_modules/bun/bin/bun.exe": "not a program" };

afterEach(cleanUp);

test("LN4 the binary of the platform package is used when the install script did not run", async () => {
  const folder = await makeFolder({ ...PLACEHOLDER, ...platformPackage("node_modules/@oven/bun-linux-x64") });
  expect(find(folder)).toBe(join(folder, "node_modules/@oven/bun-linux-x64/bin/bun"));
});

test("LN5 the platform package may lie inside the package bun", async () => {
  const nested = "node_modules/bun/node_modules/@oven/bun-linux-x64";
  const folder = await makeFolder({ ...PLACEHOLDER, ...platformPackage(nested) });
  expect(find(folder)).toBe(join(folder, nested, "bin/bun"));
});

test("LN4 LN6 a binary that the install script fetched is used, its placeholder is not", async () => {
  const fetched = { ...PLACEHOLDER, "node_modules/bun/bin/bun.exe": "x".repeat(1_000_001) };
  const folder = await makeFolder(fetched);
  expect(find(folder)).toBe(join(folder, "node_modules/bun/bin/bun.exe"));
  const without = await makeFolder(PLACEHOLDER);
  expect(() => find(without)).toThrow("Looked for the npm package @oven/bun-linux-x64");
});

test("LN6 the error says what to do", async () => {
  const folder = await makeFolder({ "package.json": "{}" });
  expect(() => find(folder)).toThrow("Run `npm install`");
});

test("LN7 each platform has its packages, the best first", () => {
  const of = (platform: string, arch: string, musl = false) => platformPackages({ platform, arch, musl }).join(" ");
  expect(of("linux", "x64")).toBe("@oven/bun-linux-x64");
  expect(of("linux", "arm64", true)).toBe("@oven/bun-linux-aarch64-musl @oven/bun-linux-aarch64");
  expect(of("android", "arm64")).toBe("@oven/bun-linux-aarch64-android");
  expect(of("darwin", "arm64")).toBe("@oven/bun-darwin-aarch64");
  expect(of("win32", "x64")).toBe("@oven/bun-windows-x64");
  expect(of("freebsd", "x64")).toBe("@oven/bun-freebsd-x64");
});

test("LN7 every name is one that the package bun depends on", async () => {
  const manifest = (await Bun.file("node_modules/bun/package.json").json()) as { optionalDependencies: object };
  const known = Object.keys(manifest.optionalDependencies);
  for (const platform of ["linux", "android", "darwin", "win32", "freebsd"]) {
    for (const arch of ["x64", "arm64"]) {
      for (const name of platformPackages({ platform, arch, musl: platform === "linux" }))
        expect(known).toContain(name);
    }
  }
});

function platformPackage(folder: string): Record<string, string> {
  return { [`${folder}/package.json`]: "{}", [`${folder}/bin/bun`]: "" };
}

function find(folder: string): string {
  return findBun(join(folder, "index.mjs"), LINUX);
}
