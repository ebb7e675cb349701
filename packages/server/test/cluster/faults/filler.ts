import type { Priority } from "@tidegate/client";

/** Milliseconds between two publishes. */
const PAUSE = 5;

/** Publishes large messages of one priority by HTTP, one after the other, and remembers when the first one was refused. */
export class Filler {
  readonly priority: Priority;
  readonly #url: string;
  readonly #data: string;
  #running = true;
  /** When it was first told to come again, in milliseconds of `performance.now()`. */
  refusedAt: number | undefined;
  stored = 0;

  /** `bytes`: of one message. */
  constructor(url: string, priority: Priority, bytes: number) {
    this.#url = url;
    this.priority = priority;
    this.#data = "x".repeat(bytes);
    void this.#fill();
  }

  stop(): void {
    this.#running = false;
  }

  async #fill(): Promise<void> {
    const body = JSON.stringify({ topic: `bulk/${this.priority}`, data: this.#data, priority: this.priority });
    while (this.#running) {
      if (await this.#publish(body)) this.stored += 1;
      await Bun.sleep(PAUSE);
    }
  }

  async #publish(body: string): Promise<boolean> {
    try {
      const headers = { "content-type": "application/json" };
      const { ok } = await fetch(`${this.#url}/v1/publish`, { method: "POST", headers, body });
      if (!ok) this.refusedAt ??= performance.now();
      return ok;
    } catch {
      return false;
    }
  }
}
