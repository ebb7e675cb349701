import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";

const SERVERS = [0, 1, 2] as const;

/** Three nats-servers that are one cluster, on free ports, each with a store that it finds again. */
export class NatsCluster {
  readonly #path: string;
  readonly #directory = mkdtempSync(join(tmpdir(), "tidegate-nats-cluster-"));
  readonly #clients = SERVERS.map(freePort);
  readonly #routes = SERVERS.map(freePort);
  readonly #children: (Bun.Subprocess | undefined)[] = [];

  constructor(path: string) {
    this.#path = path;
    for (const i of SERVERS) this.start(i);
  }

  /** All servers, `first` before the others: where a client connects that takes them in order. */
  urls(first: number): readonly string[] {
    return SERVERS.map((i) => `nats://127.0.0.1:${this.#clients[(first + i) % SERVERS.length]}`);
  }

  start(i: number): void {
    const file = join(this.#directory, `${i}.conf`);
    const routes = this.#routes.map((port) => `"nats://127.0.0.1:${port}"`).join(",");
    writeFileSync(
      file,
      `listen: "127.0.0.1:${this.#clients[i]}"
server_name: "server-${i}"
jetstream { store_dir: "${join(this.#directory, `store-${i}`)}" }
cluster { name: "test", listen: "127.0.0.1:${this.#routes[i]}", routes: [${routes}] }
`,
    );
    this.#children[i] = Bun.spawn([this.#path, "-c", file, "-l", join(this.#directory, `log-${i}`)], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
  }

  async kill(i: number): Promise<void> {
    this.#children[i]?.kill("SIGKILL");
    await this.#children[i]?.exited;
  }

  async remove(): Promise<void> {
    await Promise.all(SERVERS.map((i) => this.kill(i)));
    if (existsSync(this.#directory)) rmSync(this.#directory, { recursive: true, force: true });
  }
}
