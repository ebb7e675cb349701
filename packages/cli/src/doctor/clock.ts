import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

export interface ClockParts {
  readonly system: System;
  /** Milliseconds since 1970, and of a clock that is never set. */
  readonly wall: () => number;
  readonly monotonic: () => number;
}

/** Start of 2025: this version is younger. */
const RELEASE = 1_735_689_600_000;
/** Milliseconds that the two clocks may part while the other checks run. */
const DRIFT = 100;

/** Call it before the other checks; what it returns, after them. */
export function startClockCheck({ system, wall, monotonic }: ClockParts): () => readonly Finding[] {
  const start = { wall: wall(), monotonic: monotonic() };
  return () => {
    const ran = monotonic() - start.monotonic;
    const apart = wall() - start.wall - ran;
    return [date(wall()), steps(ran, apart), synchronized(system)];
  };
}

function date(now: number): Finding {
  const shown = new Date(now).toISOString();
  return now >= RELEASE
    ? line("date", "ok", shown)
    : line("date", "fail", `${shown} is in the past`, "timedatectl set-ntp true");
}

function steps(ran: number, apart: number): Finding {
  const shown = `${Math.abs(apart).toFixed(1)} ms apart after ${(ran / 1000).toFixed(1)} s`;
  if (ran < 0)
    return line("steadiness", "fail", "the monotonic clock ran backwards", "ask who runs this virtual machine");
  if (Math.abs(apart) < DRIFT) return line("steadiness", "ok", `wall clock and monotonic clock ${shown}`);
  return line(
    "steadiness",
    "warn",
    `the wall clock was set: ${shown}`,
    "let a time service slew it: chronyd, systemd-timesyncd",
  );
}

/** Tokens expire by the wall clock, and nodes compare theirs. */
function synchronized(system: System): Finding {
  if (system.platform !== "linux") return line("time service", "skip", "can be seen on Linux only");
  const known = system.run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"]);
  if (known === "yes" || system.read("/run/systemd/timesync/synchronized") !== undefined)
    return line("time service", "ok", "the clock is synchronized");
  if (/^Leap status\s*: Normal/m.test(system.run(["chronyc", "tracking"]) ?? ""))
    return line("time service", "ok", "chrony keeps the clock");
  if (known === "no")
    return line(
      "time service",
      "warn",
      "the clock is not synchronized: tokens expire by it",
      "timedatectl set-ntp true",
    );
  return line("time service", "skip", "cannot be seen here; in a container the host keeps the clock");
}

function line(name: string, level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Clock", name, level, found, fix };
}
