import { copyOf } from "./read/copy.ts";

/** The beginning of a packet, which grows chunk by chunk. */
export class Pending {
  /** Bytes of the whole packet; 0 while its header is not whole. */
  size: number;
  #bytes: Uint8Array;
  #length: number;

  constructor(begin: Uint8Array, size: number) {
    this.#bytes = copyOf(begin, 0, begin.length);
    this.#length = begin.length;
    this.size = size;
  }

  get length(): number {
    return this.#length;
  }

  /** What is there; shares the memory. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  add(chunk: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(chunk.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Doubles: whoever announces a large packet and sends little of it holds little. */
  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return;
    const wanted = Math.max(need, this.#length * 2);
    const grown = new Uint8Array(this.size === 0 ? need : Math.min(wanted, Math.max(this.size, need)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
