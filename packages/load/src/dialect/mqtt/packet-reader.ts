/** Bytes of the remaining length, at most. [MQTT 3.1.1, 2.2.3] */
const LENGTH_BYTES = 4;

/** Finds the packets in the chunks of a stream. One that is whole in its chunk is not copied. */
export class PacketReader {
  #rest: Uint8Array | undefined;

  /** Throws if a length is none. */
  read(chunk: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    for (let at = 0; at < bytes.length;) {
      const end = endOf(bytes, at);
      if (end > bytes.length) {
        // The chunk belongs to the socket: what is kept must be a copy.
        this.#rest = bytes.slice(at);
        return;
      }
      take(bytes, at, end);
      at = end;
    }
  }
}

/** Where the packet ends; beyond the bytes if even that is not known yet. */
function endOf(bytes: Uint8Array, at: number): number {
  const body = bodyOf(bytes, at);
  if (body > bytes.length) return Number.POSITIVE_INFINITY;
  let length = 0;
  for (let i = body - 1; i > at; i--) length = length * 128 + (bytes[i]! & 127);
  return body + length;
}

/** Where the packet's body begins: after the remaining length. */
export function bodyOf(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i <= at + LENGTH_BYTES; i++) {
    if (i >= bytes.length) return Number.POSITIVE_INFINITY;
    if (bytes[i]! < 128) return i + 1;
  }
  throw new Error("a packet announces a length of more than four bytes");
}
