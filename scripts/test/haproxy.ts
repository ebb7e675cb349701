import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../packages/server/test/support/free-port.ts";
import { until } from "../../packages/server/test/support/until.ts";
import type { GatewayProcess } from "../cluster/gateway-process.ts";

/** Path of an HAProxy: `HAPROXY`, or the one in PATH or where Debian has it. Undefined: tests that need it are skipped. */
export function findHaproxy(): string | undefined {
  return (
    process.env["HAPROXY"] ??
    Bun.which("haproxy") ??
    Bun.which("haproxy", { PATH: "/usr/sbin:/usr/local/sbin" }) ??
    undefined
  );
}

/** HAProxy with the configuration of `deploy`, in front of gateways that run here instead of in containers. */
export class Haproxy {
  readonly http = freePort();
  readonly mqtt = freePort();
  readonly #child: Bun.Subprocess<"ignore", "pipe", "ignore">;
  #said = "";

  /** Resolves when it passes requests on. */
  static async start(
    path: string,
    config: string,
    gateways: readonly GatewayProcess[],
    directory: string,
  ): Promise<Haproxy> {
    const proxy = new Haproxy(path, config, gateways, directory);
    await until(async () => (await statusOf(`http://127.0.0.1:${proxy.http}/health/ready`)) === 200);
    return proxy;
  }

  private constructor(path: string, config: string, gateways: readonly GatewayProcess[], directory: string) {
    const file = join(directory, "haproxy.cfg");
    writeFileSync(file, this.#native(config, gateways));
    // -dR: its port is its own. With SO_REUSEPORT the kernel gives it to others, too, who ask for a free one.
    this.#child = Bun.spawn([path, "-db", "-dR", "-f", file], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    void this.#listen();
  }

  /** Whether its log, of servers that went and came, has this by now. */
  hasSaid(text: string): boolean {
    return this.#said.includes(text);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) this.#said += decoder.decode(chunk, { stream: true });
  }

  /** Other addresses, and no container to ask for them; nothing else is changed. */
  #native(config: string, gateways: readonly GatewayProcess[]): string {
    let text = config
      .replace("bind :8080", `bind 127.0.0.1:${this.http}`)
      .replace("bind :1883", `bind 127.0.0.1:${this.mqtt}`)
      .replaceAll(/^resolvers docker\n(?:[ \t].*\n)*/gm, "")
      .replaceAll(" resolvers docker init-addr last,libc,none", "");
    for (const { name, http, mqtt } of gateways)
      text = text.replaceAll(`${name}:8080`, `127.0.0.1:${http}`).replaceAll(`${name}:1883`, `127.0.0.1:${mqtt}`);
    return text;
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    return (await fetch(url, { keepalive: false })).status;
  } catch {
    return 0;
  }
}
