import { bodyOf, endOf } from "../../mqtt/packets.ts";

/** Finds the packets in the chunks of a stream. One that is whole in its chunk is not copied. */
export class PacketReader {
  #rest: Uint8Array | undefined;

  /** Throws if a length is none. */
  read(chunk: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    for (let at = 0; at < bytes.length;) {
      const end = endOf(bytes, at, bodyOf(bytes, at));
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
