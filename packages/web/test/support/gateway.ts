import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dir, "serve.ts");

/** The real gateway as a program of its own, with the page: on one port and one data folder, so that it can come back. */
export class ChildGateway {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: Bun.Subprocess<"ignore", "pipe", "inherit"> | undefined;

  private constructor(folder: string, port: number, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    const fixed = { TIDEGATE_DATA_DIR: folder, TIDEGATE_OBSERVE_LOG_LEVEL: "error" };
    this.#env = { ...fixed, ...env };
  }

  /** `env` are more options, as variables. */
  static async start(env: Readonly<Record<string, string>> = {}, port?: number): Promise<ChildGateway> {
    const folder = await mkdtemp(join(tmpdir(), "tidegate-web-"));
    const gateway = new ChildGateway(folder, port ?? (await freePort()), env);
    await gateway.start();
    return gateway;
  }

  /** Resolves when it listens. On another port than its own, its data can be changed while nobody is connected. */
  async start(port = this.#port): Promise<void> {
    const child = Bun.spawn([process.execPath, PROGRAM], {
      env: { ...process.env, ...this.#env, TIDEGATE_HTTP_PORT: String(port) },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#child = child;
    const reader = child.stdout.getReader();
    const first = await reader.read();
    reader.releaseLock();
    if (first.done) throw new Error("the gateway ended before it listened");
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  /** Publishes while nobody is connected to its own port: it must have been killed, and is so again afterwards. */
  async publishAway(bodies: readonly object[]): Promise<void> {
    const port = await freePort();
    await this.start(port);
    for (const body of bodies) await this.publish(body, `http://127.0.0.1:${port}`);
    await this.kill();
  }

  /** Its log is lost while it is away. */
  async forget(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Publishes as curl does: `body` has the topic and a payload. */
  async publish(body: object, url = this.url): Promise<void> {
    const answer = await fetch(`${url}/v1/publish`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`publish: ${answer.status} ${await answer.text()}`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
