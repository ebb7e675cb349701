import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatSize, type Options } from "@tidegate/server";
import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

/** Below so many bytes a server should not start. */
const TIGHT = 100 * 1024 * 1024;

/** File systems on which SQLite's write-ahead log is not safe: their locks or shared memory do not reach all. */
const NETWORK = /^(nfs|nfs4|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|fuse\.sshfs|fuse\.s3fs|fuse\.gcsfuse)$/;
const VOLATILE = /^(tmpfs|ramfs)$/;

export interface DataDirectory {
  /** Where speed can be measured: the directory, or the nearest one above that is there. Undefined if not writable. */
  readonly place: string | undefined;
  readonly findings: readonly Finding[];
}

export function checkDataDirectory({ data, log }: Options, cwd: string, system: System): DataDirectory {
  const dir = resolve(cwd, data.dir);
  const place = existing(dir);
  const fault = writeFault(place);
  if (fault !== undefined) {
    const fix = `chown $(id -un) ${place}, or: tidegate serve --data-dir DIRECTORY`;
    return { place: undefined, findings: [line("data directory", "fail", fault, fix)] };
  }
  const found = place === dir ? `${dir} is writable` : `${dir} will be made`;
  return {
    place,
    findings: [line("data directory", "ok", found), fileSystem(place, system), space(place, log.maxBytes, system)],
  };
}

function existing(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : existing(dirname(dir));
}

function writeFault(path: string): string | undefined {
  if (!statSync(path).isDirectory()) return `${path} is no directory`;
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return `${path} is not writable for this user`;
  }
}

function fileSystem(place: string, system: System): Finding {
  const type = typeOf(place, system);
  if (type === undefined) return line("file system", "skip", "its type cannot be seen here");
  if (NETWORK.test(type))
    return line(
      "file system",
      "fail",
      `${type}: a database on a network file system is not safe`,
      "set data.dir to a local disk",
    );
  if (VOLATILE.test(type))
    return line("file system", "warn", `${type}: it is memory, and empty after a restart`, "set data.dir to a disk");
  return line("file system", "ok", type);
}

/** The type of the mount that the path is on: that with the longest path, the last of those. */
function typeOf(place: string, system: System): string | undefined {
  let best = { mount: "", type: undefined as string | undefined };
  for (const row of (system.read("/proc/self/mounts") ?? "").split("\n")) {
    const [, mount = "", type] = row.split(" ");
    const above = mount === "/" ? "/" : `${mount}/`;
    if (`${place}/`.startsWith(above) && mount.length >= best.mount.length) best = { mount, type };
  }
  return best.type;
}

function space(place: string, maxBytes: number, system: System): Finding {
  const free = system.free(place);
  if (free === undefined) return line("free space", "skip", "cannot be seen here");
  const shown = rounded(free);
  if (free < TIGHT) return line("free space", "fail", `${shown} left`, "make room, or set data.dir to another disk");
  if (free >= maxBytes) return line("free space", "ok", `${shown}; the log may take ${formatSize(maxBytes)}`);
  const fitting = `${Math.max(1, Math.floor((free * 0.8) / 1024 ** 2))}MB`;
  return line(
    "free space",
    "warn",
    `${shown}, but the log may grow to ${formatSize(maxBytes)}`,
    `tidegate serve --log-max-bytes ${fitting}`,
  );
}

function rounded(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)}GB` : `${Math.round(bytes / 1024 ** 2)}MB`;
}

function line(name: string, level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Storage", name, level, found, fix };
}
