import type { MqttPacketType } from "./packet.ts";

interface Reason {
  readonly code: number;
  readonly name: string;
  readonly packets: readonly MqttPacketType[];
}

const PUB = ["puback", "pubrec"] as const;
const SUB = ["suback", "unsuback"] as const;
const CLOSE = ["connack", "disconnect"] as const;
const ANY = ["connack", ...PUB, ...SUB, "disconnect"] as const;

/** Table 2-6 of MQTT 5: a code, its name, and the packets that may carry it. */
export const REASONS: readonly Reason[] = [
  { code: 0x00, name: "Success", packets: ["connack", ...PUB, "pubrel", "pubcomp", "unsuback", "auth"] },
  { code: 0x00, name: "Normal disconnection", packets: ["disconnect"] },
  { code: 0x00, name: "Granted QoS 0", packets: ["suback"] },
  { code: 0x01, name: "Granted QoS 1", packets: ["suback"] },
  { code: 0x02, name: "Granted QoS 2", packets: ["suback"] },
  { code: 0x04, name: "Disconnect with Will Message", packets: ["disconnect"] },
  { code: 0x10, name: "No matching subscribers", packets: PUB },
  { code: 0x11, name: "No subscription existed", packets: ["unsuback"] },
  { code: 0x18, name: "Continue authentication", packets: ["auth"] },
  { code: 0x19, name: "Re-authenticate", packets: ["auth"] },
  { code: 0x80, name: "Unspecified error", packets: ANY },
  { code: 0x81, name: "Malformed Packet", packets: CLOSE },
  { code: 0x82, name: "Protocol Error", packets: CLOSE },
  { code: 0x83, name: "Implementation specific error", packets: ANY },
  { code: 0x84, name: "Unsupported Protocol Version", packets: ["connack"] },
  { code: 0x85, name: "Client Identifier not valid", packets: ["connack"] },
  { code: 0x86, name: "Bad User Name or Password", packets: ["connack"] },
  { code: 0x87, name: "Not authorized", packets: ANY },
  { code: 0x88, name: "Server unavailable", packets: ["connack"] },
  { code: 0x89, name: "Server busy", packets: CLOSE },
  { code: 0x8a, name: "Banned", packets: ["connack"] },
  { code: 0x8b, name: "Server shutting down", packets: ["disconnect"] },
  { code: 0x8c, name: "Bad authentication method", packets: CLOSE },
  { code: 0x8d, name: "Keep Alive timeout", packets: ["disconnect"] },
  { code: 0x8e, name: "Session taken over", packets: ["disconnect"] },
  { code: 0x8f, name: "Topic Filter invalid", packets: [...SUB, "disconnect"] },
  { code: 0x90, name: "Topic Name invalid", packets: [...CLOSE, ...PUB] },
  { code: 0x91, name: "Packet Identifier in use", packets: [...PUB, ...SUB] },
  { code: 0x92, name: "Packet Identifier not found", packets: ["pubrel", "pubcomp"] },
  { code: 0x93, name: "Receive Maximum exceeded", packets: ["disconnect"] },
  { code: 0x94, name: "Topic Alias invalid", packets: ["disconnect"] },
  { code: 0x95, name: "Packet too large", packets: CLOSE },
  { code: 0x96, name: "Message rate too high", packets: ["disconnect"] },
  { code: 0x97, name: "Quota exceeded", packets: [...CLOSE, ...PUB, "suback"] },
  { code: 0x98, name: "Administrative action", packets: ["disconnect"] },
  { code: 0x99, name: "Payload format invalid", packets: [...CLOSE, ...PUB] },
  { code: 0x9a, name: "Retain not supported", packets: CLOSE },
  { code: 0x9b, name: "QoS not supported", packets: CLOSE },
  { code: 0x9c, name: "Use another server", packets: CLOSE },
  { code: 0x9d, name: "Server moved", packets: CLOSE },
  { code: 0x9e, name: "Shared Subscriptions not supported", packets: ["suback", "disconnect"] },
  { code: 0x9f, name: "Connection rate exceeded", packets: CLOSE },
  { code: 0xa0, name: "Maximum connect time", packets: ["disconnect"] },
  { code: 0xa1, name: "Subscription Identifiers not supported", packets: ["suback", "disconnect"] },
  { code: 0xa2, name: "Wildcard Subscriptions not supported", packets: ["suback", "disconnect"] },
];

/** Name of a reason code in a packet of MQTT 5; undefined if that packet may not carry it. */
export function reasonName(code: number, type: MqttPacketType): string | undefined {
  return REASONS.find((reason) => reason.code === code && reason.packets.includes(type))?.name;
}

/**
 * The return code of a 3.1.1 CONNACK that says most of a reason code of MQTT 5; undefined where 3.1.1 has none: such a
 * client is not answered, its connection is closed. [MQTT-3.2.2-6 in 3.1.1]
 */
export function returnCodeOf(reason: number): number | undefined {
  return RETURN_CODES.get(reason);
}

const UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

const RETURN_CODES: ReadonlyMap<number, number> = new Map([
  [0x00, 0],
  [0x84, 1],
  [0x85, 2],
  [0x86, 4],
  [0x87, NOT_AUTHORIZED],
  [0x8a, NOT_AUTHORIZED],
  [0x8c, NOT_AUTHORIZED],
  ...[0x80, 0x83, 0x88, 0x89, 0x8b, 0x97, 0x9c, 0x9d, 0x9f].map((code) => [code, UNAVAILABLE] as const),
]);
