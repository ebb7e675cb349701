import type { Stored } from "@tidegate/protocol";
import type { Log, TailHandler } from "../../src/log/log.ts";

/** A store that several gateways have: its tail goes to each of them. */
export class SharedStore {
  readonly log: Log;
  readonly #followers = new Set<TailHandler>();

  /** `stored` hears of every message, once, in the moment in which it is stored. */
  constructor(log: Log, stored: (batch: readonly Stored[]) => void) {
    this.log = log;
    log.tail({
      messages: (batch) => {
        stored(batch);
        for (const follower of this.#followers) follower.messages(batch);
      },
    });
  }

  follow(handler: TailHandler): () => void {
    this.#followers.add(handler);
    return () => void this.#followers.delete(handler);
  }
}
