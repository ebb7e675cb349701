import type { Message } from "@tidegate/protocol";

/** How full the stream is: what the server said last, and what this gateway has sent since. Others send too: it is an estimate. */
export class Room {
  #bytes = 0;
  #most = Infinity;

  /** `most`: bytes at which the server refuses; -1: it has no bound. */
  said(bytes: number, most: number): void {
    this.#bytes = bytes;
    this.#most = most > 0 ? most : Infinity;
  }

  sent({ payload }: Message): void {
    this.#bytes += payload.size + OVERHEAD;
  }

  /** From 0, where a trim is content, to 1, where the server refuses: a quarter more. */
  get strain(): number {
    if (this.#most === Infinity) return 0;
    const content = this.#most / HARD_SHARE;
    return Math.min(1, Math.max(0, (this.#bytes - content) / (this.#most - content)));
  }

  /** Whether the rest is for what is urgent: of ordinary messages nothing is taken any more. */
  get isShort(): boolean {
    return this.strain >= SHORT;
  }
}

/** From here on publishers of normal priority are refused. */
const SHORT = 0.8;

/** The stream may pass the log's bytes by so much: trims come by every few seconds only. */
export const HARD_SHARE = 1.25;

/** Bytes of a stored message besides its payload: subject, headers, and the server's own. */
const OVERHEAD = 250;
