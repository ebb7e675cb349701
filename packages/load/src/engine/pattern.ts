const ZERO = 48;
const NINE = 57;

/** `*` matches anything, `{id}` digits; everything else itself. */
type Part = Uint8Array | "*" | "id";

/**
 * Tells the frames of a server apart, by a literal with `*` and `{id}`: `43{id}[*` is Socket.IO's acknowledgement.
 * It works on bytes and makes nothing.
 */
export class Pattern {
  /** What `{id}` stood for in the last match; NaN if the pattern has none. */
  id = Number.NaN;
  readonly #parts: readonly Part[];

  constructor(text: string) {
    const pieces = text.split(/(\*|\{id\})/).filter((piece) => piece !== "");
    this.#parts = pieces.map((piece) => {
      if (piece === "*") return "*";
      return piece === "{id}" ? "id" : new TextEncoder().encode(piece);
    });
  }

  /** Whether `bytes[start..end)` is as the pattern says. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    let open = false;
    for (const part of this.#parts) {
      if (part === "*") {
        open = true;
        continue;
      }
      at = part === "id" ? this.#digits(bytes, at, end, open) : literal(part, bytes, at, end, open);
      if (at < 0) return false;
      open = false;
    }
    return open || at === end || this.#endsWithLast(bytes, start, end);
  }

  /** Where the digits end, or -1. */
  #digits(bytes: Uint8Array, at: number, end: number, open: boolean): number {
    while (open && at < end && !isDigit(bytes[at]!)) at++;
    const first = at;
    let value = 0;
    for (; at < end && isDigit(bytes[at]!); at++) value = value * 10 + (bytes[at]! - ZERO);
    this.id = value;
    return at === first ? -1 : at;
  }

  /** `*x` must end with x, also where an x came before. */
  #endsWithLast(bytes: Uint8Array, start: number, end: number): boolean {
    const last = this.#parts.at(-1);
    if (!(last instanceof Uint8Array) || this.#parts.at(-2) !== "*") return false;
    return holds(bytes, end - last.length, end, last) && end - last.length >= start;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Where the literal ends, or -1; with `open` it may begin anywhere from `at` on. */
function literal(part: Uint8Array, bytes: Uint8Array, at: number, end: number, open: boolean): number {
  const last = open ? end - part.length : at;
  for (; at <= last; at++) if (holds(bytes, at, end, part)) return at + part.length;
  return -1;
}

function holds(bytes: Uint8Array, at: number, end: number, part: Uint8Array): boolean {
  if (at < 0 || at + part.length > end) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}
