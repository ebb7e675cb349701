import { join } from "node:path";

const CHILD = join(import.meta.dir, "strait-child.ts");

/**
 * The network between a gateway and NATS, as a process that passes bytes on. `cut` stops it: nothing gets through and nobody is told, as
 * in a partition; connections stay open, and new ones are taken and go nowhere. What was sent meanwhile arrives when it is mended.
 */
export class Strait {
  readonly url: string;
  readonly #child: Bun.Subprocess;

  /** Leads to a port of this machine. */
  static async to(port: number): Promise<Strait> {
    const child = Bun.spawn([process.execPath, CHILD, String(port)], { stdin: "ignore", stdout: "pipe" });
    for await (const chunk of child.stdout) return new Strait(child, Number(Buffer.from(chunk).toString()));
    throw new Error("it did not start");
  }

  private constructor(child: Bun.Subprocess, port: number) {
    this.#child = child;
    this.url = `nats://127.0.0.1:${port}`;
  }

  cut(): void {
    this.#child.kill("SIGSTOP");
  }

  mend(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}
