import type { Options } from "@tidegate/server";
import type { Finding } from "./finding.ts";
import type { RunningState } from "./running.ts";
import type { System } from "./system.ts";

export interface PortParts {
  readonly system: System;
  readonly running: RunningState;
  /** Undefined if a program could listen there; else the code of the error. */
  readonly tryListen: (host: string, port: number) => string | undefined;
}

/** Whether the server can listen where it is told to. */
export function checkPort({ http: { host, port } }: Options, { system, running, tryListen }: PortParts): Finding {
  const name = `${host}:${port}`;
  const finding = (level: Finding["level"], found: string, fix?: string): Finding => ({
    group: "Ports",
    name,
    level,
    found,
    fix,
  });
  if (port === 0) return finding("ok", "a free port will be taken");
  const code = tryListen(host, port);
  if (code === undefined) return finding("ok", "free");
  if (running === "ready" || running === "not ready") return finding("ok", "a Tidegate server listens here");
  if (code === "EACCES")
    return finding(
      "fail",
      "not allowed: ports below 1024 are the system's",
      `setcap cap_net_bind_service=+ep ${process.execPath}`,
    );
  if (code === "EADDRNOTAVAIL")
    return finding("fail", "this machine has no such address", "set http.host to one of: ip addr");
  return finding(
    "fail",
    `in use by ${ownerOf(port, system) ?? "another program"}`,
    `tidegate serve --http-port ${port + 1}`,
  );
}

/** `nginx (pid 812)`, as far as /proc lets a user without rights see. */
function ownerOf(port: number, system: System): string | undefined {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => system.read(path) ?? "");
  const inodes = tables.flatMap((table) => listeners(table, port)).map((inode) => `socket:[${inode}]`);
  if (inodes.length === 0) return undefined;
  for (const pid of system.list("/proc").filter((name) => /^\d+$/.test(name))) {
    const holds = system
      .list(`/proc/${pid}/fd`)
      .some((fd) => inodes.includes(system.link(`/proc/${pid}/fd/${fd}`) ?? ""));
    if (holds) return `${system.read(`/proc/${pid}/comm`) ?? "?"} (pid ${pid})`;
  }
  return undefined;
}

/** State of a listening socket in /proc/net/tcp: proc(5). */
const LISTEN = "0A";

/** Inodes of the sockets that listen on the port. */
function listeners(table: string, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(wanted) === true && state === LISTEN)
    .map((fields) => fields[9] ?? "");
}
