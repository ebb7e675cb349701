import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tls } from "./faulty-server.ts";

/** A certificate for 127.0.0.1 that nobody but itself has signed, made by openssl. */
export function selfSigned(): Tls {
  const directory = mkdtempSync(join(tmpdir(), "tidegate-load-"));
  try {
    const request = "req -x509 -nodes -days 2 -subj /CN=load -newkey ec -pkeyopt ec_paramgen_curve:prime256v1";
    const files = ["-keyout", "key", "-out", "cert", "-addext", "subjectAltName=IP:127.0.0.1"];
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...request.split(" "), ...files], { cwd: directory });
    if (exitCode !== 0) throw new Error(`openssl: ${stderr.toString()}`);
    const read = (name: string): string => readFileSync(join(directory, name), "utf8");
    return { key: read("key"), cert: read("cert") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
