/** How the bytes of a payload are to be read: JSON text, UTF-8 text, or bytes with no meaning to the gateway. */
export type PayloadFormat = "json" | "text" | "binary";

const encoder = new TextEncoder();
// A byte order mark is part of the payload: what comes in goes out.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The body of a message. It keeps the form that it arrived in (text or bytes) and makes the other one when somebody
 * asks, once: most messages come in and leave as text and never need their bytes.
 */
export class Payload {
  readonly format: PayloadFormat;
  #text: string | undefined;
  #bytes: Uint8Array | undefined;
  #size = -1;

  private constructor(format: PayloadFormat, text: string | undefined, bytes: Uint8Array | undefined) {
    this.format = format;
    this.#text = text;
    this.#bytes = bytes;
  }

  /** `text` must be valid JSON: it is put into other JSON as it is. */
  static json(text: string): Payload {
    return new Payload("json", text, undefined);
  }

  static text(text: string): Payload {
    return new Payload("text", text, undefined);
  }

  static binary(bytes: Uint8Array): Payload {
    return new Payload("binary", undefined, bytes);
  }

  /** From stored bytes; `json` and `text` must be valid UTF-8. */
  static of(format: PayloadFormat, bytes: Uint8Array): Payload {
    return new Payload(format, undefined, bytes);
  }

  /** The form that it has without work: its text, or its bytes where nobody asked for the text yet. */
  get form(): string | Uint8Array {
    return this.#text ?? this.#bytes ?? "";
  }

  get text(): string {
    return (this.#text ??= decoder.decode(this.#bytes));
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= encoder.encode(this.#text));
  }

  /** Bytes in UTF-8, without making them. */
  get size(): number {
    if (this.#size < 0) this.#size = this.#bytes?.byteLength ?? utf8Length(this.#text ?? "");
    return this.#size;
  }
}

/** Bytes that well-formed text takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Half of a surrogate pair stands for 2 of its 4 bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
