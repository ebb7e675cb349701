/** Puts values into bytes that are large enough; each `put` returns where the next value goes. */

const ENCODER = new TextEncoder();
/** Bytes of a string or of binary data: two bytes of length. [1.5.4 of 5.0] */
const LONGEST_FIELD = 0xffff;
/** Four bytes of seven bits. [1.5.5 of 5.0] */
const LONGEST_VARINT = 0xfff_ffff;

/** Why a text cannot be in an MQTT packet, undefined if it can. [MQTT-1.5.4-1, MQTT-1.5.4-2] */
export function mqttTextFault(text: string): string | undefined {
  if (text.includes("\0")) return "it has U+0000";
  if (!text.isWellFormed()) return "it is not valid Unicode";
  const size = utf8Size(text);
  return size > LONGEST_FIELD ? `it has ${size} bytes in UTF-8; at most ${LONGEST_FIELD} are allowed` : undefined;
}

/** With its length. Throws RangeError where `mqttTextFault` finds something. */
export function textSize(text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0 || c > 127) return checkedSize(text);
  }
  return length > LONGEST_FIELD ? checkedSize(text) : 2 + length;
}

function checkedSize(text: string): number {
  const fault = mqttTextFault(text);
  if (fault !== undefined) throw new RangeError(`a text in an MQTT packet: ${fault}`);
  return 2 + utf8Size(text);
}

/** Of well-formed text. */
function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    if (unit > 0x7f) size += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return size;
}

/** With its length. */
export function binarySize(value: Uint8Array): number {
  if (value.length > LONGEST_FIELD) {
    throw new RangeError(`a binary field of an MQTT packet has ${value.length} bytes; at most 65535 are allowed`);
  }
  return 2 + value.length;
}

export function varintSize(value: number): number {
  if (value > LONGEST_VARINT) throw new RangeError(`${value} is too large for MQTT; at most 268435455 is allowed`);
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
}

export function putUint16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
  return at + 2;
}

export function putUint32(bytes: Uint8Array, at: number, value: number): number {
  return putUint16(bytes, putUint16(bytes, at, value >>> 16), value & 0xffff);
}

export function putVarint(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Most names are short and ASCII: a loop is faster than a call out of JavaScript. */
export function putText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  const from = at + 2;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c > 127) return putUnicode(bytes, at, text);
    bytes[from + i] = c;
  }
  putUint16(bytes, at, length);
  return from + length;
}

function putUnicode(bytes: Uint8Array, at: number, text: string): number {
  const { written } = ENCODER.encodeInto(text, bytes.subarray(at + 2));
  return putUint16(bytes, at, written) + written;
}

export function putBinary(bytes: Uint8Array, at: number, value: Uint8Array): number {
  const from = putUint16(bytes, at, value.length);
  bytes.set(value, from);
  return from + value.length;
}
