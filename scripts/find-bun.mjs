import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Finds the Bun binary that npm installed. It lies in a package of its own for each platform; the file in the `bun`
 * package is only a copy that an install script makes, and install scripts may not have run (`npm ci --ignore-scripts`).
 */

/** The machine that this process runs on, in the words of the platform packages. */
export function thisMachine() {
  const { platform } = process;
  const arch = platform === "darwin" && process.arch === "x64" && underRosetta() ? "arm64" : process.arch;
  return { platform, arch, musl: platform === "linux" && usesMusl() };
}

/** Names of the packages that fit a machine, the best first. Their list is in the `bun` package's package.json. */
export function platformPackages({ platform, arch, musl }) {
  const cpu = arch === "arm64" ? "aarch64" : arch;
  if (platform === "linux") {
    const glibc = `@oven/bun-linux-${cpu}`;
    return musl ? [`${glibc}-musl`, glibc] : [glibc];
  }
  if (platform === "android") return [`@oven/bun-linux-${cpu}-android`];
  return [`@oven/bun-${platform === "win32" ? "windows" : platform}-${cpu}`];
}

/**
 * Path of the Bun binary. `from` is the file or URL of a module to start the search at, as Node's `require` would do it.
 * Throws an Error that says what was looked for and what to do.
 */
export function findBun(from, machine = thisMachine()) {
  const fromBun = requireOfBun(from);
  const names = platformPackages(machine);
  const file = machine.platform === "win32" ? "bun.exe" : "bun";
  for (const name of names) {
    const folder = packageFolder(fromBun, name);
    const binary = folder === undefined ? undefined : join(folder, "bin", file);
    if (binary !== undefined && existsSync(binary)) return binary;
  }
  const copy = installedCopy(fromBun);
  if (copy !== undefined) return copy;
  throw new Error(notFound(names, machine));
}

/** The platform packages are dependencies of `bun`: looking from there finds them wherever npm has put them. */
function requireOfBun(from) {
  const require = createRequire(from);
  try {
    return createRequire(require.resolve("bun/package.json"));
  } catch {
    return require;
  }
}

function packageFolder(require, name) {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** The install script downloads a binary to here when no platform package is installed; without it this is a text. */
function installedCopy(require) {
  const folder = packageFolder(require, "bun");
  const copy = folder === undefined ? undefined : join(folder, "bin", "bun.exe");
  const isBinary = copy !== undefined && existsSync(copy) && statSync(copy).size > 1_000_000;
  return isBinary ? copy : undefined;
}

function notFound(names, { platform, arch, musl }) {
  return [
    `Tidegate runs on Bun, and its binary was not found for ${platform} ${arch}${musl ? " (musl)" : ""}.`,
    `Looked for the npm package ${names.join(" or ")}, and for node_modules/bun/bin/bun.exe.`,
    "Run `npm install` in Tidegate's folder, without --omit=optional or --no-optional: the binary is an optional",
    "dependency of the package bun. A node_modules folder copied from another kind of machine has to be installed anew.",
  ].join("\n");
}

/** As Bun's own install script tells: Node's report names the version of glibc, if that is what Node runs on. */
function usesMusl() {
  try {
    process.report.excludeNetwork = true;
    return process.report.getReport().header.glibcVersionRuntime === undefined;
  } catch {
    return existsSync("/etc/alpine-release");
  }
}

/** An x64 Node on an Apple processor: the arm64 binary is the right one there. */
function underRosetta() {
  return spawnSync("sysctl", ["-n", "sysctl.proc_translated"], { encoding: "utf8" }).stdout?.trim() === "1";
}
