import { FAULT, MqttFault } from "../fault.ts";
import type { Role } from "../kinds.ts";
import type { MqttPacketType, MqttVersion } from "../packet.ts";
import { copyOf } from "./copy.ts";

/** A byte order mark is a character like any other. [MQTT-1.5.4-3] */
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** For ASCII: for a short text much faster than a TextDecoder. */
const { latin1Slice } = Buffer.prototype as {
  readonly latin1Slice: (this: Uint8Array, from: number, end: number) => string;
};

/**
 * Bytes up to which a copy is cheaper than a view. The engine keeps so small an array in its own heap, and moves all of it
 * out of there for the first view.
 */
const SHORT = 1000;

/** Reads the fields of packets out of bytes that somebody else cut into packets. `what` names a field in faults. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly role: Role;
  version: MqttVersion | undefined;
  /** The topic of the last PUBLISH: most clients send to the same one again and again. */
  lastTopic: string;
  at = 0;
  end = 0;
  #type: MqttPacketType = "connect";

  constructor(bytes: Uint8Array, role: Role, version: MqttVersion | undefined, lastTopic: string) {
    this.bytes = bytes;
    this.role = role;
    this.version = version;
    this.lastTopic = lastTopic;
  }

  /** Goes to the body of a packet. */
  enter(type: MqttPacketType, from: number, end: number): void {
    this.#type = type;
    this.at = from;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  byte(what: string): number {
    if (this.at >= this.end) this.#cut(what);
    return this.bytes[this.at++]!;
  }

  uint16(what: string): number {
    const { at, bytes } = this;
    if (at + 2 > this.end) this.#cut(what);
    this.at = at + 2;
    return (bytes[at]! << 8) | bytes[at + 1]!;
  }

  uint32(what: string): number {
    return this.uint16(what) * 0x1_0000 + this.uint16(what);
  }

  /** Only MQTT 5 has these within a packet, and there the shortest form is a must. [MQTT-1.5.5-1] */
  varint(what: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte(what);
      value |= (byte & 127) << shift;
      if (byte > 127) continue;
      if (byte === 0 && shift > 0) this.malformed(what, "the number is longer than it must be");
      return value;
    }
    return this.malformed(what, "the number has more than 4 bytes");
  }

  /** [MQTT-2.2.1-3, MQTT-2.2.1-4; MQTT-2.3.1-1 in 3.1.1] */
  packetId(): number {
    const id = this.uint16("packet identifier");
    return id === 0 ? this.protocol("packet identifier", "it is 0; 1 to 65535 are allowed") : id;
  }

  text(what: string): string {
    const from = this.#length(what);
    return this.#text(what, from, this.at);
  }

  /** Like `text`; the last topic is not made anew if it is the same. */
  topic(what: string): string {
    const from = this.#length(what);
    const last = this.lastTopic;
    return this.at - from === last.length && isText(this.bytes, from, last) ? last : this.#text(what, from, this.at);
  }

  /** A copy: what is short must not hold a whole chunk. */
  binary(what: string): Uint8Array {
    const from = this.#length(what);
    return copyOf(this.bytes, from, this.at);
  }

  /** All that is left. A view where that is long, and half of the bytes or more: it holds at most twice its size. */
  rest(): Uint8Array {
    const { at, end, bytes } = this;
    const length = end - at;
    this.at = end;
    return length > SHORT && length * 2 >= bytes.length ? bytes.subarray(at, end) : copyOf(bytes, at, end);
  }

  /** Refuses what is left. */
  finish(): void {
    if (this.more) this.malformed("", `${this.end - this.at} more bytes than it has fields for`);
  }

  malformed(what: string, fault: string): never {
    return this.fail(FAULT.malformed, what, fault);
  }

  protocol(what: string, fault: string): never {
    return this.fail(FAULT.protocol, what, fault);
  }

  fail(code: number, what: string, fault: string): never {
    const field = what === "" ? "" : `${what}: `;
    throw new MqttFault(code, `${this.#type.toUpperCase()}: ${field}${fault}`, this.version);
  }

  #cut(what: string): never {
    return this.malformed(what, "the packet ends before it does");
  }

  /** Reads a length of two bytes and passes over as many bytes; returns where they begin. */
  #length(what: string): number {
    const length = this.uint16(what);
    const from = this.at;
    if (from + length > this.end) this.#cut(what);
    this.at = from + length;
    return from;
  }

  #text(what: string, from: number, end: number): string {
    const { bytes } = this;
    for (let i = from; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === 0 || byte > 127) return this.#unicode(what, bytes.subarray(from, end));
    }
    return latin1Slice.call(bytes, from, end);
  }

  /** [MQTT-1.5.4-1, MQTT-1.5.4-2] */
  #unicode(what: string, bytes: Uint8Array): string {
    if (bytes.includes(0)) this.malformed(what, "it has U+0000");
    try {
      return DECODER.decode(bytes);
    } catch {
      return this.malformed(what, "it is not valid UTF-8");
    }
  }
}

/** Whether the bytes are this text, which must be ASCII to be the same. */
function isText(bytes: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 127 || c !== bytes[from + i]) return false;
  }
  return true;
}
