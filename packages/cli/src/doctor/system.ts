import { readdirSync, readFileSync, readlinkSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";

/** The machine, as far as the checks look at it; tests hand in their own. Nothing throws: what is not there is undefined. */
export interface System {
  readonly platform: string;
  /** Bytes of memory of the machine. */
  readonly memory: number;
  /** A small text file, without the white space around it. */
  read(path: string): string | undefined;
  list(path: string): readonly string[];
  link(path: string): string | undefined;
  /** What a command prints. */
  run(command: readonly string[]): string | undefined;
  /** Bytes that a user may still write there. */
  free(path: string): number | undefined;
}

export function thisSystem(): System {
  return {
    platform: process.platform,
    memory: totalmem(),
    read: (path) => attempt(() => readFileSync(path, "utf8").trim()),
    list: (path) => attempt(() => readdirSync(path)) ?? [],
    link: (path) => attempt(() => readlinkSync(path)),
    run: (command) => attempt(() => output(command)),
    free: (path) => attempt(() => freeBytes(path)),
  };
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function output(command: readonly string[]): string | undefined {
  const { success, stdout } = Bun.spawnSync([...command], { stderr: "ignore", timeout: 2000 });
  return success ? stdout.toString().trim() : undefined;
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
