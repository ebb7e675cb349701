import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bun runs it, not the launcher: a kill must hit the server and not its parent. */
const MAIN = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

/** The real program on a free port, or again on the same one. */
export class Server {
  readonly #data: string;
  #child: ReturnType<typeof spawn> | undefined;
  port = 0;

  private constructor(data: string) {
    this.#data = data;
  }

  static async make(): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "tidegate-client-")));
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
    this.#child = spawn(this.#data, this.port);
    let text = "";
    for await (const chunk of this.#child.stderr) {
      text += new TextDecoder().decode(chunk);
      const url = /"url":"http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (url) return void (this.port = Number(url[1]));
    }
    throw new Error(`the server did not start: ${text}`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
  }
}

function spawn(data: string, port: number) {
  const env = {
    ...process.env,
    TIDEGATE_HTTP_PORT: String(port),
    TIDEGATE_DATA_DIR: data,
    TIDEGATE_DRAIN_SPREAD: "100ms",
  };
  return Bun.spawn([process.execPath, MAIN, "serve"], { env, stdout: "ignore", stderr: "pipe" });
}
