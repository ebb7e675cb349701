import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("serve.ts", import.meta.url));

/** The real server in a process of its own, which a test may kill and start again with the same data and port. */
export class ServerProcess {
  readonly #dir: string;
  readonly #options: Readonly<Record<string, string>>;
  #child: ReturnType<typeof spawn> | undefined;
  /** What it wrote to its log, over all its lives. */
  log = "";
  port = 0;

  private constructor(dir: string, options: Readonly<Record<string, string>>) {
    this.#dir = dir;
    this.#options = options;
  }

  /** `options` are variables without the prefix: `HTTP_MAX_BODY`. */
  static async start(options: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await mkdtemp(join(tmpdir(), "tidegate-e2e-")), options);
    await server.start();
    return server;
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const child = (this.#child = spawn(this.#dir, this.port, this.#options));
    void this.#readLog(child.stderr);
    const decoder = new TextDecoder();
    let out = "";
    for await (const chunk of child.stdout) {
      out += decoder.decode(chunk, { stream: true });
      const port = /:(\d+)\//.exec(out)?.[1];
      if (port !== undefined) return void (this.port = Number(port));
    }
    throw new Error(`the server did not start: ${this.log}`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves with the exit code, null if a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#child?.exited;
    return this.#child?.exitCode ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #readLog(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.log += decoder.decode(chunk, { stream: true });
  }
}

function spawn(dir: string, port: number, options: Readonly<Record<string, string>>) {
  const variables = Object.entries({ HTTP_PORT: String(port), DATA_DIR: dir, ...options });
  const env = { ...process.env, ...Object.fromEntries(variables.map(([name, value]) => [`TIDEGATE_${name}`, value])) };
  return Bun.spawn([process.execPath, MAIN], { env, stdout: "pipe", stderr: "pipe" });
}
