import { FAULT, MqttFault } from "./fault.ts";
import { checkFirstByte, lengthBytes, remainingLength } from "./header.ts";
import { KINDS, type Role } from "./kinds.ts";
import type { MqttPacket, MqttVersion } from "./packet.ts";
import { Pending } from "./pending.ts";
import { readPacket } from "./read/packet.ts";
import { Reader } from "./read/reader.ts";

export interface DecoderOptions {
  /** Bytes of a whole packet, its fixed header among them. */
  readonly maxPacketSize: number;
  /** Who reads: a server reads what clients send. */
  readonly role: Role;
  /** A client knows it from its own CONNECT; a server to which it is given has its CONNECT behind it. */
  readonly version?: MqttVersion;
}

export type Take = (packet: MqttPacket) => void;

/**
 * The bytes of one connection to packets. It keeps nothing but the beginning of a packet whose rest is still to come.
 *
 * Chunks may be split in any way. A chunk must not be written to after it was given: a payload is a view into it where it
 * is over 1,000 bytes and makes up half of it or more. Everything else is copied.
 */
export class MqttDecoder {
  readonly #maxPacketSize: number;
  readonly #role: Role;
  #version: MqttVersion | undefined;
  #pending: Pending | undefined;
  #lastTopic = "";
  #fault: MqttFault | undefined;

  constructor(options: DecoderOptions) {
    if (options.role === "client" && options.version === undefined) {
      throw new TypeError("a client's decoder needs the version of its CONNECT");
    }
    this.#maxPacketSize = options.maxPacketSize;
    this.#role = options.role;
    this.#version = options.version;
  }

  /** Undefined until CONNECT came. */
  get version(): MqttVersion | undefined {
    return this.#version;
  }

  /** Bytes held of a packet that is not complete. */
  get held(): number {
    return this.#pending?.capacity ?? 0;
  }

  /**
   * Hands over each packet that the chunk completes; `take` must not throw. Throws MqttFault at the first one that is not
   * allowed, after those before it; from then on every call throws it again.
   */
  read(chunk: Uint8Array, take: Take): void {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      const at = this.#pending === undefined ? 0 : this.#complete(this.#pending, chunk, take);
      this.#packets(chunk, at, take);
    } catch (error) {
      this.#pending = undefined;
      if (error instanceof MqttFault) this.#fault = error;
      throw error;
    }
  }

  /** All packets that are whole in the chunk; what is left of it is kept. */
  #packets(chunk: Uint8Array, from: number, take: Take): void {
    const reader = this.#reader(chunk);
    let at = from;
    while (at < chunk.length) {
      const size = this.#sizeAt(chunk, at, chunk.length);
      if (size === 0 || at + size > chunk.length) {
        this.#pending = new Pending(chunk.subarray(at), size);
        return;
      }
      this.#packet(reader, at, size, take);
      at += size;
    }
  }

  /** Goes on with a packet that began before this chunk; returns how much of the chunk belongs to it. */
  #complete(pending: Pending, chunk: Uint8Array, take: Take): number {
    let at = 0;
    while (pending.size === 0 && at < chunk.length) {
      pending.add(chunk, at, at + 1);
      at++;
      pending.size = this.#sizeAt(pending.bytes, 0, pending.length);
    }
    if (pending.size === 0) return at;
    const end = Math.min(chunk.length, at + pending.size - pending.length);
    pending.add(chunk, at, end);
    if (pending.length < pending.size) return end;
    this.#pending = undefined;
    this.#packet(this.#reader(pending.bytes), 0, pending.size, take);
    return end;
  }

  /** Made for each chunk: one that is kept would keep the chunk. */
  #reader(bytes: Uint8Array): Reader {
    return new Reader(bytes, this.#role, this.#version, this.#lastTopic);
  }

  /** Bytes of the packet that begins at `at`; 0 if its header is not whole. */
  #sizeAt(bytes: Uint8Array, at: number, end: number): number {
    const { name } = checkFirstByte(bytes[at]!, this.#role, this.#version);
    const count = lengthBytes(bytes, at + 1, end);
    if (count === 0) return 0;
    // [MQTT-1.5.5-1]
    if (count > 4) this.#fail(FAULT.malformed, `${name}: remaining length: it has more than 4 bytes`);
    const size = 1 + count + remainingLength(bytes, at + 1, count);
    const max = this.#maxPacketSize;
    if (size > max) this.#fail(FAULT.tooLarge, `${name}: it has ${size} bytes; at most ${max} are allowed`);
    return size;
  }

  #packet(reader: Reader, at: number, size: number, take: Take): void {
    const { bytes } = reader;
    const byte = bytes[at]!;
    const { type, name } = KINDS[byte >> 4]!;
    const count = lengthBytes(bytes, at + 1, at + size);
    reader.enter(type, at + 1 + count, at + size);
    const packet = readPacket(reader, type, byte & 15);
    this.#version = reader.version;
    this.#lastTopic = reader.lastTopic;
    // Only 5.0 asks for the shortest form, and before CONNECT is read nobody knows the version. [MQTT-1.5.5-1]
    if (count > 1 && bytes[at + count] === 0 && this.#version === 5) {
      this.#fail(FAULT.malformed, `${name}: remaining length: it is longer than it must be`);
    }
    take(packet);
  }

  #fail(code: number, message: string): never {
    throw new MqttFault(code, message, this.#version);
  }
}
