import type { Template, Values } from "../engine/template.ts";
import { OPCODE } from "../websocket/frame.ts";

/** Longest head of a client's frame: two bytes, eight of length, four of mask. */
const HEAD = 14;

/** One place to write what is sent at once: a frame costs no memory of its own. */
export class Scratch {
  #bytes = new Uint8Array(4096);

  /** The template as it is; good until the next call. */
  plain(template: Template, values: Values): Uint8Array {
    this.reserve(template.most(values));
    return this.#bytes.subarray(0, template.write(this.#bytes, 0, values));
  }

  /** The template as a WebSocket text frame with a mask of zeros; good until the next call. */
  textFrame(template: Template, values: Values): Uint8Array {
    this.reserve(HEAD + template.most(values));
    const end = template.write(this.#bytes, HEAD, values);
    return this.#bytes.subarray(writeHead(this.#bytes, end - HEAD), end);
  }

  /** At least so many bytes; what is in them does not matter. */
  reserve(bytes: number): Uint8Array {
    if (this.#bytes.length < bytes) this.#bytes = new Uint8Array(bytes * 2);
    return this.#bytes;
  }
}

/** Writes the head so that it ends at HEAD; returns where it begins. RFC 6455, section 5.2. */
function writeHead(bytes: Uint8Array, length: number): number {
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = HEAD - 6 - extra;
  bytes[start] = 0x80 | OPCODE.text;
  bytes[start + 1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  for (let i = 0; i < extra; i++) bytes[start + 2 + i] = Math.floor(length / 256 ** (extra - 1 - i)) % 256;
  bytes.fill(0, HEAD - 4, HEAD);
  return start;
}
