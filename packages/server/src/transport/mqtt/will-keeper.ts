import type { Will } from "@tidegate/protocol/mqtt";
import type { Identity } from "../../auth/index.ts";
import type { Cancel, Clock } from "../../clock.ts";

/** A will and who left it. */
export interface Testament {
  readonly will: Will;
  readonly identity: Identity;
}

/** Wills of clients that are away and may come back before they are due. [MQTT-3.1.3-9] */
export class WillKeeper {
  readonly #clock: Clock;
  readonly #publish: (testament: Testament) => void;
  readonly #waiting = new Map<string, { readonly testament: Testament; readonly cancel: Cancel }>();

  constructor(clock: Clock, publish: (testament: Testament) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Publishes it after `delay` milliseconds, unless the client comes back before. */
  leave(key: string, testament: Testament, delay: number): void {
    this.revoke(key);
    if (delay <= 0) return this.#publish(testament);
    const cancel = this.#clock.after(delay, () => this.execute(key));
    this.#waiting.set(key, { testament, cancel });
  }

  /** The client is back. */
  revoke(key: string): void {
    this.#waiting.get(key)?.cancel();
    this.#waiting.delete(key);
  }

  /** The session has ended: its will is published now. */
  execute(key: string): void {
    const waiting = this.#waiting.get(key);
    this.revoke(key);
    if (waiting !== undefined) this.#publish(waiting.testament);
  }

  /** The gateway stops: every will that waits is published now. */
  executeAll(): void {
    for (const key of [...this.#waiting.keys()]) this.execute(key);
  }
}
