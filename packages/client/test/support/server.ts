import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("serve.ts", import.meta.url));

/** The real program on a free port, or again on the same one. */
export class Server {
  readonly #data: string;
  readonly #options: NodeJS.Dict<string>;
  #child: ReturnType<typeof spawn> | undefined;
  port = 0;

  private constructor(data: string, options: NodeJS.Dict<string>) {
    this.#data = data;
    this.#options = options;
  }

  /** `options` are variables of the server. */
  static async make(options: NodeJS.Dict<string> = {}): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "tidegate-client-")), options);
    await server.start();
    return server;
  }

  async remove(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.#data, { recursive: true, force: true });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  async start(): Promise<void> {
    this.#child = spawn(this.#data, this.port, this.#options);
    for await (const chunk of this.#child.stdout) {
      const port = /:(\d+)\//.exec(new TextDecoder().decode(chunk))?.[1];
      if (port) return void (this.port = Number(port));
    }
    throw new Error(`the server did not start: ${await new Response(this.#child.stderr).text()}`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
  }
}

function spawn(data: string, port: number, options: NodeJS.Dict<string>) {
  const env = {
    ...process.env,
    ...options,
    TIDEGATE_HTTP_PORT: String(port),
    TIDEGATE_DATA_DIR: data,
    TIDEGATE_DRAIN_SPREAD: "100ms",
  };
  return Bun.spawn([process.execPath, MAIN], { env, stdout: "pipe", stderr: "pipe" });
}
