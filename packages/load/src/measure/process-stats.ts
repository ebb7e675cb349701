import { readdirSync, readFileSync, statSync } from "node:fs";

/** Clock ticks a second in /proc: Linux has 100 on every machine that Bun runs on (`getconf CLK_TCK`). */
const TICKS = 100;

/** Seconds of CPU time, user and system, of all threads that the process has or had. Throws if it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces: fields are counted after it, beginning with field 3. See proc(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS;
}

/** Seconds of CPU time that all cores were busy since the machine started. */
export function machineCpuSeconds(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  // cpu user nice system idle iowait irq softirq steal: guest times are in user and nice already. See proc(5).
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS;
}

/** Files and sockets that the process has open. Throws if it is gone. */
export function openDescriptors(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  // Linux 6.2 and later say it as the folder's size. To read thousands of names holds up everything else meanwhile.
  return statSync(folder).size || readdirSync(folder).length;
}

/** Bytes. */
export interface Memory {
  readonly rss: number;
  /** Shared pages count in part: a page that n processes map is 1/n to each. */
  readonly pss: number;
  /** The process's own pages that are backed by no file. */
  readonly anonymous: number;
}

/** Throws if the process is gone. */
export function memory(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return { rss: kilobytes(rollup, "Rss"), pss: kilobytes(rollup, "Pss"), anonymous: kilobytes(rollup, "Pss_Anon") };
}

function kilobytes(rollup: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup);
  if (found === null) throw new Error(`smaps_rollup has no ${name}`);
  return Number(found[1]) * 1024;
}
