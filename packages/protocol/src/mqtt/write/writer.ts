import type { MqttVersion } from "../packet.ts";

/** Writes what comes after the fixed header of one type of packet. */
export interface BodyWriter<P> {
  /** Bytes of the body. Throws RangeError if the packet cannot be written. */
  size(packet: P, version: MqttVersion): number;
  /** `bytes` have room for it. */
  put(bytes: Uint8Array, at: number, packet: P, version: MqttVersion): void;
}

/** [MQTT-2.2.1-3, MQTT-2.2.1-4] */
export function checkPacketId(id: number | undefined): number {
  if (id !== undefined && Number.isInteger(id) && id > 0 && id <= 0xffff) return id;
  throw new RangeError(`the packet identifier is ${id}; 1 to 65535 are allowed`);
}
