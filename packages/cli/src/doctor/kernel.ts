import type { Options } from "@tidegate/server";
import { grouped } from "../text/numbers.ts";
import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

/** A kernel setting: which of its numbers counts, and how large it must be. */
interface Setting {
  readonly name: string;
  /** Which number of a setting that has several. */
  readonly at: number;
  readonly need: (options: Options) => number;
  /** The whole value for sysctl, given the number that is needed. */
  readonly value?: (need: number, found: readonly number[]) => string;
  readonly why: string;
  /** What it means that the setting is not there. */
  readonly absent?: string;
}

/** Bytes of a page in tcp_mem: 4 KB on all common machines. */
const PAGE = 4096;
/** Kernel memory of a quiet TCP connection is near 4 KB; twice that leaves room for what is in flight. */
const SOCKET = 8192;

const SETTINGS: readonly Setting[] = [
  {
    name: "net.core.somaxconn",
    at: 0,
    need: () => 4096,
    why: "clients that connect at once wait here; above it they are dropped",
  },
  {
    name: "net.ipv4.tcp_max_syn_backlog",
    at: 0,
    need: () => 4096,
    why: "half-open connections of clients that connect at once",
  },
  {
    name: "net.ipv4.ip_local_port_range",
    at: 1,
    need: () => 60_000,
    value: (need, [low = 1024]) => `"${Math.min(low, 16_384)} ${need}"`,
    why: "ports of outgoing connections: a proxy or load tester on this machine has no more connections than these",
  },
  {
    name: "net.ipv4.tcp_mem",
    at: 2,
    need: ({ connections }) => Math.ceil((connections.max * SOCKET) / PAGE),
    value: (need) => `"${Math.ceil(need / 2)} ${Math.ceil((need * 3) / 4)} ${need}"`,
    why: "memory of all TCP connections, in pages of 4 KB",
  },
  {
    name: "net.ipv4.tcp_rmem",
    at: 2,
    need: () => 1_048_576,
    value: (need) => `"4096 131072 ${need}"`,
    why: "largest receive buffer",
  },
  {
    name: "net.ipv4.tcp_wmem",
    at: 2,
    need: () => 1_048_576,
    value: (need) => `"4096 16384 ${need}"`,
    why: "largest send buffer",
  },
  {
    name: "net.netfilter.nf_conntrack_max",
    at: 0,
    need: ({ connections }) => Math.ceil(connections.max * 1.2),
    why: "connections that the firewall follows; above it packets are dropped",
    absent: "not loaded: nothing to fill up",
  },
];

/** Settings that keep a server from very many connections. They are warnings: fewer connections work. */
export function checkKernel(options: Options, system: System): readonly Finding[] {
  if (system.platform === "linux") return SETTINGS.map((setting) => check(setting, options, system));
  return [
    { group: "Kernel", name: "settings", level: "skip", found: `known for Linux only; this is ${system.platform}` },
  ];
}

function check({ name, at, need, value, why, absent }: Setting, options: Options, system: System): Finding {
  const line = (level: Finding["level"], found: string, fix?: string): Finding => ({
    group: "Kernel",
    name,
    level,
    found,
    fix,
  });
  const text = system.read(`/proc/sys/${name.replaceAll(".", "/")}`);
  if (text === undefined) return line("skip", absent ?? "cannot be seen here, as in some containers");
  const numbers = text.split(/\s+/).map(Number);
  const wanted = need(options);
  if ((numbers[at] ?? 0) >= wanted) return line("ok", numbers.map(grouped).join(" "));
  const set = value?.(wanted, numbers) ?? String(wanted);
  return line(
    "warn",
    `${numbers.map(grouped).join(" ")}; ${grouped(wanted)} would be right: ${why}`,
    `sysctl -w ${name}=${set}`,
  );
}
