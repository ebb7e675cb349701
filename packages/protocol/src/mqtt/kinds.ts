import type { MqttPacketType, MqttVersion } from "./packet.ts";

/** Who may send a packet. */
type Sender = "client" | "server" | "both" | "nobody";

/** The two ends of a connection, as the one that reads. */
export type Role = "server" | "client";

export interface PacketKind {
  readonly type: MqttPacketType;
  /** As the standard writes it. */
  readonly name: string;
  /** The low four bits of the first byte; undefined for PUBLISH, where they carry something. */
  readonly flags: number | undefined;
  /** By version. */
  readonly sender: Readonly<Record<MqttVersion, Sender>>;
}

/** Table 2-1 and 2-2 of both standards, by number; 0 is reserved. */
export const KINDS: readonly (PacketKind | undefined)[] = [
  undefined,
  kind("connect", 0, "client"),
  kind("connack", 0, "server"),
  kind("publish", undefined, "both"),
  kind("puback", 0, "both"),
  kind("pubrec", 0, "both"),
  kind("pubrel", 2, "both"),
  kind("pubcomp", 0, "both"),
  kind("subscribe", 2, "client"),
  kind("suback", 0, "server"),
  kind("unsubscribe", 2, "client"),
  kind("unsuback", 0, "server"),
  kind("pingreq", 0, "client"),
  kind("pingresp", 0, "server"),
  kind("disconnect", 0, "client", "both"),
  kind("auth", 0, "nobody", "both"),
];

function kind(type: MqttPacketType, flags: number | undefined, sender: Sender, sender5 = sender): PacketKind {
  return { type, name: type.toUpperCase(), flags, sender: { 4: sender, 5: sender5 } };
}

/** First byte of the packet; for PUBLISH the one of QoS 0 without flags. */
export const FIRST_BYTE = Object.fromEntries(
  KINDS.flatMap((one, number) => (one === undefined ? [] : [[one.type, (number << 4) | (one.flags ?? 0)]])),
) as Readonly<Record<MqttPacketType, number>>;
