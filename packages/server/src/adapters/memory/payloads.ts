import type { Payload } from "@tidegate/protocol";
import { Column } from "./column.ts";

/** Bytes of a payload up to which it is copied. A longer one, or one that is a text, stays what it is. */
export const LONGEST_COPIED = 1024;

/** The payloads of a segment's records: short ones one behind another in one array. */
export class Payloads {
  readonly #sizes: Uint32Array;
  /** Where the copy begins. */
  readonly #starts: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Those that are not copied. */
  readonly #forms: Column<string | Uint8Array>;
  #used = 0;
  #live = 0;

  /** Room for so many payloads, and so many bytes of copies. */
  constructor(payloads: number, bytes: number) {
    this.#sizes = new Uint32Array(payloads);
    this.#starts = new Uint32Array(payloads);
    this.#bytes = new Uint8Array(bytes);
    this.#forms = new Column(payloads);
  }

  /** Bytes of copies. */
  get used(): number {
    return this.#used;
  }

  /** Bytes of copies that were not dropped. */
  get live(): number {
    return this.#live;
  }

  hasRoomFor(copied: number): boolean {
    return this.#used + copied <= this.#bytes.length;
  }

  /** Bytes in UTF-8. */
  size(i: number): number {
    return this.#sizes[i]!;
  }

  form(i: number): string | Uint8Array {
    // Not a view: who has the message would keep all of the array.
    return this.#forms.get(i) ?? this.#copyOf(i).slice();
  }

  put(i: number, { form, size }: Payload): void {
    this.#sizes[i] = size;
    if (isCopied(form)) this.#copy(i, form);
    else this.#forms.set(i, form);
  }

  putFrom(i: number, other: Payloads, from: number): void {
    this.#sizes[i] = other.#sizes[from]!;
    const form = other.#forms.get(from);
    if (form === undefined) this.#copy(i, other.#copyOf(from));
    else this.#forms.set(i, form);
  }

  drop(i: number): void {
    if (this.#forms.get(i) === undefined) this.#live -= this.#sizes[i]!;
    else this.#forms.clear(i);
  }

  #copy(i: number, bytes: Uint8Array): void {
    this.#starts[i] = this.#used;
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#live += bytes.length;
  }

  /** A view. */
  #copyOf(i: number): Uint8Array {
    const start = this.#starts[i]!;
    return this.#bytes.subarray(start, start + this.#sizes[i]!);
  }
}

/** Bytes of the payload that are copied. */
export function copiedBytes({ form }: Payload): number {
  return isCopied(form) ? form.length : 0;
}

function isCopied(form: string | Uint8Array): form is Uint8Array {
  return typeof form !== "string" && form.length <= LONGEST_COPIED;
}
