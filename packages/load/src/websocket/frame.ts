/** Frames as a client sends them, RFC 6455 section 5.2. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/**
 * One unfragmented frame. The mask is zero, so the payload stays readable and can be changed in place: a mask protects
 * proxies from what a web page sends, and there is neither here.
 */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const head = lengthBytes(payload.length);
  const frame = new Uint8Array(1 + head.length + MASK_BYTES + payload.length);
  frame[0] = FINAL | opcode;
  frame.set(head, 1);
  frame[1]! |= MASKED;
  frame.set(payload, 1 + head.length + MASK_BYTES);
  return frame;
}

export function textFrame(text: string): Uint8Array {
  return clientFrame(OPCODE.text, new TextEncoder().encode(text));
}

function lengthBytes(length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(length);
  if (length < 65_536) return Uint8Array.of(126, length >> 8, length & 0xff);
  const bytes = new Uint8Array(9);
  bytes[0] = 127;
  new DataView(bytes.buffer).setBigUint64(1, BigInt(length));
  return bytes;
}
