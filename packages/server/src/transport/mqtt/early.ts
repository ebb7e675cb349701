import type { MqttPacket } from "@tidegate/protocol/mqtt";

/** Packets that may wait while CONNECT or SUBSCRIBE is worked on. */
const MAX_PACKETS = 1000;

/** What a client sends while its CONNECT or SUBSCRIBE is worked on: bounded in packets and in bytes. */
export class Early {
  readonly packets: MqttPacket[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is wrong, if so many bytes more are too many. */
  count(bytes: number): string | undefined {
    this.#bytes += bytes;
    return this.#bytes > this.#maxBytes
      ? `more than ${this.#maxBytes} bytes were sent before CONNACK or SUBACK`
      : undefined;
  }

  /** What is wrong, if it is one packet too many. */
  add(packet: MqttPacket): string | undefined {
    return this.packets.push(packet) > MAX_PACKETS
      ? `more than ${MAX_PACKETS} packets were sent before CONNACK or SUBACK`
      : undefined;
  }
}
