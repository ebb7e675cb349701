import type { Clock } from "../../clock.ts";
import { LogUnavailable } from "../../log/log.ts";
import { parseAck } from "./ack.ts";
import type { Exchange } from "./exchange.ts";
import { encodeHead } from "./head.ts";
import { Marks } from "./marks.ts";

export interface BarrierParts {
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** One for each gateway: it holds the newest mark. */
  readonly subject: string;
  /** Subscribes to the marks anew: in a cluster a mark then proves that earlier subscriptions have reached the stream. */
  readonly renew: () => void;
  readonly timeout: number;
}

/**
 * A mark in the stream's own order. What the stream sends on arrives in the order of storage, so when this gateway's mark comes
 * back, every message before it that the gateway is subscribed to has come.
 */
export class Barrier {
  readonly #parts: BarrierParts;
  readonly #arrived = new Marks();
  readonly #reached = new Marks();
  /** The mark that was not sent yet: whoever comes now shares it. */
  #next: Promise<number> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: BarrierParts) {
    this.#parts = parts;
  }

  /** A mark came; what was before it may still wait. */
  arrived(seq: number): void {
    this.#arrived.reach(seq);
  }

  /** What was before it was handed on as well. */
  reached(seq: number): void {
    this.#reached.reach(seq);
  }

  /** Resolves with a mark's sequence when it and all before it were handed on. Rejects with `LogUnavailable`. */
  async pass(): Promise<number> {
    const seq = await this.arrival();
    await this.#reached.when(seq);
    return seq;
  }

  /** Resolves when a mark came back. One is under way at a time; all who come meanwhile share the next. */
  arrival(): Promise<number> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#last.then(() => {
      this.#next = undefined;
      return this.#send();
    });
    this.#last = next.catch(() => undefined);
    return (this.#next = next);
  }

  async #send(): Promise<number> {
    const { clock, timeout } = this.#parts;
    for (let waited = 0; waited < timeout; waited += PATIENCE) {
      const seq = await this.#store();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const cancel = clock.after(PATIENCE, () => resolve(false));
      void this.#arrived.when(seq).then(() => resolve(true));
      if (await promise) {
        cancel();
        return seq;
      }
    }
    throw new LogUnavailable(`NATS did not send on what it stored within ${timeout} ms`);
  }

  async #store(): Promise<number> {
    const { exchange, renew, subject } = this.#parts;
    renew();
    const [answer] = await exchange.ask(subject, "", { head: encodeHead([["Nats-Rollup", "sub"]]) });
    const ack = parseAck(answer);
    if (ack.kind === "refused") throw new LogUnavailable(ack.why);
    return ack.seq ?? 0;
  }
}

/** Milliseconds until a mark is sent again. */
const PATIENCE = 250;
