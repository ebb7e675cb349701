import { readFileSync } from "node:fs";

/** Microseconds of CPU that a process and its threads have used, on Linux. The kernel counts in hundredths of a second. */
export function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

const TICK = 10_000;
