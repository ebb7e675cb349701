import { OPCODE } from "./frame.ts";

export interface FrameHandler {
  /** A text or binary message: `bytes[start..end)`, good only during the call. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** A close, ping or pong. */
  control(opcode: number, payload: Uint8Array): void;
}

/** A frame that a server must not send, or that this reader does not take. */
export class FrameFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FrameFault";
  }
}

/** No server here sends more in a frame; more is a fault of the reader or the server. */
const MAX_PAYLOAD = 16 * 1024 * 1024;

/**
 * Finds the frames of a server in the chunks of a stream. A frame that is whole in its chunk is not copied.
 * Fragmented messages are refused: none of the servers sends them.
 */
export class FrameReader {
  #rest: Uint8Array | undefined;

  /** Throws `FrameFault`. */
  read(chunk: Uint8Array, handler: FrameHandler): void {
    const bytes = this.#rest === undefined ? chunk : joined(this.#rest, chunk);
    this.#rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const next = readFrame(bytes, at, handler);
      if (next < 0) {
        // The chunk belongs to the socket: what is kept must be a copy.
        this.#rest = bytes.slice(at);
        return;
      }
      at = next;
    }
  }
}

/** Where the next frame begins, or -1 if this one is not complete. */
export function readFrame(bytes: Uint8Array, at: number, handler: FrameHandler): number {
  if (bytes.length - at < 2) return -1;
  const first = bytes[at]!;
  let length = bytes[at + 1]!;
  let start = at + 2;
  if ((first & 0x70) !== 0 || length > 127) throw new FrameFault("a frame is compressed or masked");
  if (length === 126) {
    start += 2;
    if (bytes.length < start) return -1;
    length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  } else if (length === 127) {
    start += 8;
    if (bytes.length < start) return -1;
    length = longLength(bytes, at + 2);
  }
  const end = start + length;
  if (bytes.length < end) return -1;
  deliver(first, bytes, start, end, handler);
  return end;
}

function deliver(first: number, bytes: Uint8Array, start: number, end: number, handler: FrameHandler): void {
  const opcode = first & 0x0f;
  if (first < 0x80 || opcode === OPCODE.continuation) throw new FrameFault("a message is fragmented");
  if (opcode < OPCODE.close) handler.message(bytes, start, end);
  else handler.control(opcode, bytes.slice(start, end));
}

function longLength(bytes: Uint8Array, at: number): number {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0));
  if (length > MAX_PAYLOAD) throw new FrameFault(`a frame announces ${length} bytes`);
  return length;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
