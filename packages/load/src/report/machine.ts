import { cpus, release, totalmem } from "node:os";

/** What the figures depend on. Nothing that names the machine. */
export function describeMachine(): Record<string, string> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? "unknown",
    cores: String(cpus().length),
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    kernel: `Linux ${release().split("-")[0] ?? ""}`,
    bun: Bun.version,
    node: nodeVersion(),
  };
}

function nodeVersion(): string {
  const { stdout } = Bun.spawnSync(["node", "--version"]);
  return stdout.toString().trim().replace(/^v/, "");
}
