/**
 * Whether UTF-8 is JSON, without making text or objects of it.
 * Undefined if it is nested too deeply to be looked into here. [RFC 8259]
 *
 * @param bytes - valid UTF-8
 */
export function isJson(bytes: Uint8Array): boolean | undefined {
  const end = pastValue(bytes, pastSpace(bytes, 0), 0);
  return end === TOO_DEEP ? undefined : end >= 0 && pastSpace(bytes, end) === bytes.length;
}

/** Arrays and objects within one another. */
const DEEPEST = 64;

/** Instead of a position. */
const WRONG = -1;
const TOO_DEEP = -2;

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, PLUS, DOT, ZERO] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d, 0x2b, 0x2e, 0x30];
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [0x7b, 0x7d, 0x5b, 0x5d];
const [TRUE, FALSE, NULL] = [0x74, 0x66, 0x6e];

const REST_OF_TRUE = Buffer.from("rue");
const REST_OF_FALSE = Buffer.from("alse");
const REST_OF_NULL = Buffer.from("ull");
/** What may follow a backslash, but for u. */
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const UNICODE = 0x75;

/** Each function gives the position after what it reads, or why there is none. */
function pastValue(bytes: Uint8Array, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return pastString(bytes, at + 1);
    case OBJECT:
      return depth === DEEPEST ? TOO_DEEP : pastObject(bytes, at + 1, depth + 1);
    case ARRAY:
      return depth === DEEPEST ? TOO_DEEP : pastArray(bytes, at + 1, depth + 1);
    case TRUE:
      return pastWord(bytes, at + 1, REST_OF_TRUE);
    case FALSE:
      return pastWord(bytes, at + 1, REST_OF_FALSE);
    case NULL:
      return pastWord(bytes, at + 1, REST_OF_NULL);
    default:
      return pastNumber(bytes, at);
  }
}

function pastObject(bytes: Uint8Array, from: number, depth: number): number {
  let at = pastSpace(bytes, from);
  if (bytes[at] === OBJECT_END) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return WRONG;
    at = pastString(bytes, at + 1);
    if (at < 0) return at;
    at = pastSpace(bytes, at);
    if (bytes[at] !== COLON) return WRONG;
    at = pastValue(bytes, pastSpace(bytes, at + 1), depth);
    if (at < 0) return at;
    at = pastSpace(bytes, at);
    if (bytes[at] === OBJECT_END) return at + 1;
    if (bytes[at] !== COMMA) return WRONG;
    at = pastSpace(bytes, at + 1);
  }
}

function pastArray(bytes: Uint8Array, from: number, depth: number): number {
  let at = pastSpace(bytes, from);
  if (bytes[at] === ARRAY_END) return at + 1;
  for (;;) {
    at = pastValue(bytes, at, depth);
    if (at < 0) return at;
    at = pastSpace(bytes, at);
    if (bytes[at] === ARRAY_END) return at + 1;
    if (bytes[at] !== COMMA) return WRONG;
    at = pastSpace(bytes, at + 1);
  }
}

/** From behind the first quotation mark. */
function pastString(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) return WRONG;
    if (byte !== BACKSLASH) continue;
    at = pastEscape(bytes, at + 1) - 1;
    if (at < 0) return WRONG;
  }
  return WRONG;
}

function pastEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) return WRONG;
  if (ESCAPED.has(byte)) return at + 1;
  if (byte !== UNICODE) return WRONG;
  for (let i = at + 1; i <= at + 4; i++) if (!isHex(bytes[i])) return WRONG;
  return at + 5;
}

function isHex(byte = 0): boolean {
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function pastNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  at = bytes[at] === ZERO ? at + 1 : pastDigits(bytes, at);
  if (at >= 0 && bytes[at] === DOT) at = pastDigits(bytes, at + 1);
  if (at < 0 || (bytes[at]! | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return pastDigits(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** One at least. */
function pastDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at === from ? WRONG : at;
}

function pastWord(bytes: Uint8Array, from: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return WRONG;
  return from + word.length;
}

/** Space, tab, line feed, carriage return. */
function pastSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}
