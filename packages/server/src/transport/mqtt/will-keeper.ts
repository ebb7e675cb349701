import type { Cancel, Clock } from "../../clock.ts";
import type { Testament } from "./testament.ts";

export interface WillKeeperParts {
  readonly clock: Clock;
  /** Calls back when it is stored, or refused for good. */
  readonly publish: (testament: Testament, done: () => void) => void;
  /** It was published: the store of sessions may forget it. Must not reject. */
  readonly settle: (key: string, testament: Testament) => Promise<void>;
}

export interface Waiting {
  readonly testament: Testament;
  /** Milliseconds until it is published. */
  readonly delay: number;
  /** The store of sessions has it, too: if this gateway is killed, another one publishes it. */
  readonly isStored: boolean;
}

/** Wills of clients that are away and may come back before they are due. [MQTT-3.1.3-9] */
export class WillKeeper {
  readonly #parts: WillKeeperParts;
  readonly #waiting = new Map<string, Waiting & { readonly cancel: Cancel }>();
  readonly #settling = new Set<Promise<void>>();

  constructor(parts: WillKeeperParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Publishes it after its delay, unless the client comes back before. */
  leave(key: string, waiting: Waiting): void {
    this.revoke(key);
    if (waiting.delay <= 0) return this.#publish(key, waiting);
    const cancel = this.#parts.clock.after(waiting.delay, () => this.execute(key));
    this.#waiting.set(key, { ...waiting, cancel });
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
    if (waiting !== undefined) this.#publish(key, waiting);
  }

  /** The gateway stops: what waits is published now, but for what other gateways know of. */
  executeAll(hasOthers: boolean): void {
    for (const [key, { isStored }] of [...this.#waiting])
      if (isStored && hasOthers) this.revoke(key);
      else this.execute(key);
  }

  /** Resolves when the store of sessions knows of everything that was published. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  #publish(key: string, { testament, isStored }: Waiting): void {
    if (!isStored) return this.#parts.publish(testament, () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.publish(testament, resolve);
    const settled = promise
      .then(() => this.#parts.settle(key, testament))
      .finally(() => this.#settling.delete(settled));
    this.#settling.add(settled);
  }
}
