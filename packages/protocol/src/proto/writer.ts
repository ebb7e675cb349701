/** Writes Protobuf's wire format: https://protobuf.dev/programming-guides/encoding/ */

export const VARINT = 0;
export const LENGTH = 2;

/** Strings up to this many UTF-16 units have less than 128 bytes in UTF-8: their length is one byte. */
const SHORT = 42;

export class Writer {
  static readonly #encoder = new TextEncoder();
  #bytes: Uint8Array;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** What was written; shares the writer's memory. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /** `value` is a whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    // Bitwise operators see 32 bits only.
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.#end++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#end++] = rest;
  }

  number(field: number, value: number): void {
    this.varint(field * 8 + VARINT);
    this.varint(value);
  }

  string(field: number, value: string): void {
    if (value.length > SHORT) return this.bytes(field, Writer.#encoder.encode(value));
    this.varint(field * 8 + LENGTH);
    this.#reserve(1 + value.length * 3);
    const length = this.#putShort(value, this.#end + 1);
    this.#bytes[this.#end] = length;
    this.#end += 1 + length;
  }

  bytes(field: number, value: Uint8Array): void {
    this.varint(field * 8 + LENGTH);
    this.varint(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Most names are short and ASCII: a loop is faster than a call out of JavaScript. */
  #putShort(value: string, at: number): number {
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const c = value.charCodeAt(i);
      if (c > 127) return Writer.#encoder.encodeInto(value, bytes.subarray(at)).written;
      bytes[at + i] = c;
    }
    return value.length;
  }

  #reserve(more: number): void {
    const need = this.#end + more;
    if (need <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(need, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Bytes of a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
