import type { Options } from "@tidegate/server";
import { grouped } from "../text/numbers.ts";
import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

/** Files that the server has open besides connections: database, listeners, logs, with room. */
const RESERVE = 500;

/** Whether the system lets the server have as many connections as it is configured for: each is an open file. */
export function checkFileLimits({ connections }: Options, system: System): readonly Finding[] {
  const need = connections.max + RESERVE;
  return [
    processLimit(need, connections.max, system),
    ...(system.platform === "linux" ? kernelLimits(need, system) : []),
  ];
}

function processLimit(need: number, connections: number, system: System): Finding {
  const limit = hardLimit(system);
  if (limit === undefined) return finding("open files", "skip", "the limit cannot be seen here");
  const found = `${limit === Number.POSITIVE_INFINITY ? "unlimited" : grouped(limit)} for this user; ${grouped(connections)} connections need ${grouped(need)}`;
  if (limit >= need) return finding("open files", "ok", found);
  const room = Math.max(1, limit - RESERVE);
  const raise =
    system.platform === "linux"
      ? `LimitNOFILE=${need} in the systemd unit, or as root: ulimit -n ${need}`
      : `ulimit -n ${need}`;
  return finding("open files", "warn", found, `${raise}; or expect fewer: tidegate serve --connections-max ${room}`);
}

/** The hard limit: Bun raises the soft one to it at start. */
function hardLimit(system: System): number | undefined {
  const row = /^Max open files\s+\S+\s+(\S+)/m.exec(system.read("/proc/self/limits") ?? "")?.[1];
  const text = row ?? system.run(["sh", "-c", "ulimit -Hn"]);
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function kernelLimits(need: number, system: System): readonly Finding[] {
  return (["fs.nr_open", "fs.file-max"] as const).map((name) => {
    const value = Number(system.read(`/proc/sys/${name.replace(".", "/")}`) ?? Number.NaN);
    if (Number.isNaN(value)) return finding(name, "skip", "cannot be seen here");
    if (value >= need) return finding(name, "ok", grouped(value));
    return finding(name, "warn", `${grouped(value)}, but ${grouped(need)} are needed`, `sysctl -w ${name}=${need * 2}`);
  });
}

function finding(name: string, level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Connections", name, level, found, fix };
}
