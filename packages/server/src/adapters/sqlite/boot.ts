import { existsSync, readFileSync } from "node:fs";

const LINUX = "/proc/sys/kernel/random/boot_id";

/** Another one after every start of the machine; empty where the system does not tell. */
export function systemBootId(): string {
  return existsSync(LINUX) ? readFileSync(LINUX, "utf8").trim() : "";
}
