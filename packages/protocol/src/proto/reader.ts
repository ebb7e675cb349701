import { malformed } from "../reject.ts";
import { LENGTH, VARINT } from "./writer.ts";

const FIXED64 = 1;
const GROUP = 3;
const GROUP_END = 4;
const FIXED32 = 5;
/** Protobuf's own readers allow 100 levels; nothing here has groups at all, they are only skipped. */
const GROUP_DEPTH = 16;
/** Reads Protobuf's wire format between two indexes. Throws InvalidInput (`malformed`) on what is none. */
export class Reader {
  /** A byte order mark is a character like any other: bytes must come back as they were. */
  static readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get more(): boolean {
    return this.#at < this.#end;
  }

  /** Field number and wire type together, `field << 3 | type`: a field of the wrong type is thereby an unknown one. */
  tag(): number {
    const tag = this.uint32();
    return tag >>> 3 === 0 ? malformed("a Protobuf field has number 0") : tag;
  }

  /** The low 32 bits of a varint, as Protobuf reads a longer one. */
  uint32(): number {
    const first = this.#bytes[this.#at]!;
    if (first < 128 && this.#at < this.#end) {
      this.#at++;
      return first;
    }
    return this.#varint(true);
  }

  /** Exact below 2^53; what is larger comes out as a number that is no safe integer. */
  uint64(): number {
    return this.#varint(false);
  }

  bool(): boolean {
    return this.#varint(false) !== 0;
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const from = this.#at;
    if (length > this.#end - from) malformed("a Protobuf field is longer than its frame");
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  /** A reader of a nested message. */
  nested(): Reader {
    const length = this.uint32();
    const from = this.#at;
    if (length > this.#end - from) malformed("a Protobuf message is longer than its frame");
    this.#at = from + length;
    return new Reader(this.#bytes, from, this.#at);
  }

  string(): string {
    const bytes = this.bytes();
    try {
      return Reader.#decoder.decode(bytes);
    } catch {
      return malformed("a Protobuf string is not UTF-8");
    }
  }

  skip(tag: number, depth = 0): void {
    const type = tag & 7;
    if (type === VARINT) this.uint64();
    else if (type === LENGTH) this.bytes();
    else if (type === FIXED64) this.#pass(8);
    else if (type === FIXED32) this.#pass(4);
    else if (type === GROUP && depth < GROUP_DEPTH) this.#skipGroup(tag >>> 3, depth);
    else malformed(`Protobuf wire type ${type} is not allowed here`);
  }

  #skipGroup(field: number, depth: number): void {
    for (;;) {
      const tag = this.tag();
      if (tag === field * 8 + GROUP_END) return;
      this.skip(tag, depth + 1);
    }
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) malformed("a Protobuf field is longer than its frame");
    this.#at += length;
  }

  #varint(low: boolean): number {
    let value = 0;
    let bits = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) malformed("a Protobuf frame ends within a number");
      const byte = this.#bytes[this.#at++]!;
      if (i < 5) bits |= (byte & 127) << (7 * i);
      // Ten bytes carry 70 bits; the last may add one bit to 64.
      value += (byte & (i < 9 ? 127 : 1)) * scale;
      scale *= 128;
      if (byte < 128) return low ? bits >>> 0 : value;
    }
    return malformed("a Protobuf number has more than 10 bytes");
  }
}
