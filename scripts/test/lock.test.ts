import { expect, test } from "bun:test";
import { hostFaults, lockFaults, staleFaults } from "../check/lock.ts";

test("CK9 an optional dependency that is not in the lock file is a fault", () => {
  const optionalDependencies = { "@x/linux": "1.0.0", "@x/mac": "1.0.0", "@x/windows": "1.0.0" };
  const packages = {
    "": {},
    "packages/a/node_modules/x": { optionalDependencies },
    "packages/a/node_modules/x/node_modules/@x/linux": {},
    "node_modules/@x/mac": {},
  };
  expect(lockFaults(packages)).toEqual([
    "package-lock.json has no @x/windows, an optional dependency of packages/a/node_modules/x",
  ]);
});

test("CK10 a package with the address of a registry is a fault, a link to a package of ours is none", () => {
  const packages = {
    "node_modules/@tidegate/a": { resolved: "packages/a" },
    "node_modules/b": {},
    "node_modules/c": { resolved: "https://registry.example/c/-/c-1.0.0.tgz" },
  };
  expect(hostFaults(packages)).toEqual([expect.stringContaining("node_modules/c")]);
});

test("CK12 a dependency that the lock file does not have, or has no more, is a fault", () => {
  const packages = { "packages/a": { dependencies: { x: "1.0.0" } }, "packages/b": {}, "packages/c": {} };
  const manifests = {
    "packages/a": { dependencies: { x: "1.0.1" } },
    "packages/b": { devDependencies: { x: "1.0.0" } },
    "packages/c": { dependencies: {} },
  };
  expect(staleFaults(packages, manifests)).toEqual([
    "package-lock.json is older than packages/a's package.json: run npm install",
    "package-lock.json is older than packages/b's package.json: run npm install",
  ]);
});
