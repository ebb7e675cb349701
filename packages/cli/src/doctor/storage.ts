import type { Options } from "@tidegate/server";
import { textOf } from "../exit.ts";
import { grouped } from "../text/numbers.ts";
import { checkDataDirectory } from "./data-directory.ts";
import type { DiskSpeed } from "./disk-speed.ts";
import type { Finding } from "./finding.ts";
import type { System } from "./system.ts";

export interface StorageParts {
  readonly cwd: string;
  readonly system: System;
  readonly measure: (place: string) => DiskSpeed;
}

/** Milliseconds: a sync that takes longer is a disk without flash, or one that others use. */
const SLOW_SYNC = 20;
/** Messages a second below which the storage, not the processor, is the limit of a small server. */
const SLOW_COMMITS = 20_000;

export function checkStorage(options: Options, { cwd, system, measure }: StorageParts): readonly Finding[] {
  if (options.log.storage === "memory")
    return [line("log", "skip", "log.storage is memory: nothing is written, and nothing survives the program")];
  const { place, findings } = checkDataDirectory(options, cwd, system);
  return place === undefined ? findings : [...findings, ...speed(place, measure)];
}

function speed(place: string, measure: StorageParts["measure"]): readonly Finding[] {
  try {
    const { median, slowest, process, power } = measure(place);
    return [sync(median, slowest), commits("process", process), commits("power", power)];
  } catch (error) {
    return [
      line(
        "speed",
        "fail",
        `a test file could not be written: ${textOf(error)}`,
        "see the disk's state: dmesg, df -h, df -i",
      ),
    ];
  }
}

function sync(median: number, slowest: number): Finding {
  const found = `${median.toFixed(2)} ms for a sync to disk, the slowest ${slowest.toFixed(1)} ms`;
  if (median < SLOW_SYNC) return line("sync", "ok", found);
  return line(
    "sync",
    "warn",
    `${found}: durability power waits for it`,
    "put data.dir on a local SSD, or use durability process",
  );
}

function commits(durability: "process" | "power", rate: number): Finding {
  const name = `durability ${durability}`;
  const found = `about ${grouped(Math.round(rate / 100) * 100)} messages/s in groups of 200`;
  if (durability === "power" || rate >= SLOW_COMMITS) return line(name, "ok", found);
  return line(name, "warn", `${found}: the disk or the processor is slow or busy`, "put data.dir on a local SSD");
}

function line(name: string, level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Storage", name, level, found, fix };
}
