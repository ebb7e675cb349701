import { formatSize, type Options } from "@tidegate/server";
import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

/** Bytes of process and kernel memory of one idle connection: 4 KB are the server's budget, about 4 KB the kernel's. */
const CONNECTION = 8192;
/** The empty server with its database. */
const EMPTY = 192 * 1024 * 1024;

/** Whether the memory is enough for what the configuration allows. */
export function checkMemory({ connections, log }: Options, system: System): readonly Finding[] {
  const limit = cgroupLimit(system);
  const have = Math.min(system.memory, limit ?? Number.POSITIVE_INFINITY);
  const need = EMPTY + log.queueBytes + connections.max * CONNECTION;
  const source = limit !== undefined && limit <= system.memory ? "limit of this container or unit" : "of this machine";
  const found = `${rounded(have)} (${source}); ${connections.max.toLocaleString("en-US")} connections and a full queue may take ${rounded(need)}`;
  if (have >= need) return [line("ok", found)];
  const room = Math.max(1, Math.floor((have - EMPTY - log.queueBytes) / CONNECTION));
  return [line("warn", found, `raise the limit, or: tidegate serve --connections-max ${room}`)];
}

function line(level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Memory", name: "memory", level, found, fix };
}

/** The smallest limit of the groups that this process is in: cgroup v2, else v1. */
function cgroupLimit(system: System): number | undefined {
  const path = /^0::(.*)$/m.exec(system.read("/proc/self/cgroup") ?? "")?.[1] ?? "/";
  const parts = path.split("/").filter((part) => part !== "");
  const folders = parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`);
  const files = ["", ...folders].map((folder) => `/sys/fs/cgroup${folder}/memory.max`);
  const limits = [...files, "/sys/fs/cgroup/memory/memory.limit_in_bytes"].map((file) =>
    Number(system.read(file) ?? Number.NaN),
  );
  // Version 1 says "none" with a number near 2^63.
  const known = limits.filter((limit) => limit > 0 && limit < 2 ** 60);
  return known.length === 0 ? undefined : Math.min(...known);
}

function rounded(bytes: number): string {
  const step = bytes >= 1024 ** 3 ? 1024 ** 3 / 10 : 1024 ** 2;
  const steps = Math.round(bytes / step);
  return bytes >= 1024 ** 3 ? `${(steps / 10).toFixed(1)}GB` : formatSize(steps * step);
}
