import type { MqttPacketType } from "./packet.ts";

/** All properties of MQTT 5, by their names in section 2.2.2.2. Which packet may carry which is in `PROPERTIES`. */
export interface MqttProperties {
  /** 1: the payload is UTF-8 text. */
  readonly payloadFormatIndicator?: 0 | 1 | undefined;
  /** Seconds. */
  readonly messageExpiryInterval?: number | undefined;
  readonly contentType?: string | undefined;
  readonly responseTopic?: string | undefined;
  readonly correlationData?: Uint8Array | undefined;
  /** At most one in SUBSCRIBE; in PUBLISH one for each subscription that matched. */
  readonly subscriptionIdentifiers?: readonly number[] | undefined;
  /** Seconds; 0xFFFFFFFF is "never". */
  readonly sessionExpiryInterval?: number | undefined;
  readonly assignedClientIdentifier?: string | undefined;
  /** Seconds. */
  readonly serverKeepAlive?: number | undefined;
  readonly authenticationMethod?: string | undefined;
  readonly authenticationData?: Uint8Array | undefined;
  readonly requestProblemInformation?: boolean | undefined;
  /** Seconds. */
  readonly willDelayInterval?: number | undefined;
  readonly requestResponseInformation?: boolean | undefined;
  readonly responseInformation?: string | undefined;
  readonly serverReference?: string | undefined;
  readonly reasonString?: string | undefined;
  readonly receiveMaximum?: number | undefined;
  readonly topicAliasMaximum?: number | undefined;
  readonly topicAlias?: number | undefined;
  readonly maximumQoS?: 0 | 1 | undefined;
  readonly retainAvailable?: boolean | undefined;
  /** In their order; a name may come several times. */
  readonly userProperties?: readonly (readonly [string, string])[] | undefined;
  /** Bytes. */
  readonly maximumPacketSize?: number | undefined;
  readonly wildcardSubscriptionAvailable?: boolean | undefined;
  readonly subscriptionIdentifierAvailable?: boolean | undefined;
  readonly sharedSubscriptionAvailable?: boolean | undefined;
}

/** Where properties stand: in a packet, or in the will within CONNECT. */
export type Place = Exclude<MqttPacketType, "pingreq" | "pingresp"> | "will";

/** How a value is written. `flag` is a byte of 0 or 1 read as a boolean, `bit` the same read as a number. */
export type ValueKind = "flag" | "bit" | "uint16" | "uint32" | "varint" | "text" | "topic" | "binary" | "pair";

export interface Property {
  readonly id: number;
  readonly name: keyof MqttProperties;
  readonly kind: ValueKind;
  readonly places: readonly Place[];
  /** May come several times and is read as a list. */
  readonly list?: true;
  /** The reason code for 0, where that is not allowed. */
  readonly zero?: number;
}

const MESSAGE = ["publish", "will"] as const;
const HANDSHAKE = ["connect", "connack"] as const;
const AUTHENTICATION = ["connect", "connack", "auth"] as const;
const ACKS = ["puback", "pubrec", "pubrel", "pubcomp", "suback", "unsuback"] as const;
const ANSWERS = ["connack", ...ACKS, "disconnect", "auth"] as const;
const PROTOCOL_ERROR = 0x82;
const TOPIC_ALIAS_INVALID = 0x94;

/** Table 2-4 of the standard. */
export const PROPERTIES: readonly Property[] = [
  { id: 0x01, name: "payloadFormatIndicator", kind: "bit", places: MESSAGE },
  { id: 0x02, name: "messageExpiryInterval", kind: "uint32", places: MESSAGE },
  { id: 0x03, name: "contentType", kind: "text", places: MESSAGE },
  { id: 0x08, name: "responseTopic", kind: "topic", places: MESSAGE },
  { id: 0x09, name: "correlationData", kind: "binary", places: MESSAGE },
  {
    id: 0x0b,
    name: "subscriptionIdentifiers",
    kind: "varint",
    places: ["publish", "subscribe"],
    list: true,
    zero: PROTOCOL_ERROR,
  },
  { id: 0x11, name: "sessionExpiryInterval", kind: "uint32", places: [...HANDSHAKE, "disconnect"] },
  { id: 0x12, name: "assignedClientIdentifier", kind: "text", places: ["connack"] },
  { id: 0x13, name: "serverKeepAlive", kind: "uint16", places: ["connack"] },
  { id: 0x15, name: "authenticationMethod", kind: "text", places: AUTHENTICATION },
  { id: 0x16, name: "authenticationData", kind: "binary", places: AUTHENTICATION },
  { id: 0x17, name: "requestProblemInformation", kind: "flag", places: ["connect"] },
  { id: 0x18, name: "willDelayInterval", kind: "uint32", places: ["will"] },
  { id: 0x19, name: "requestResponseInformation", kind: "flag", places: ["connect"] },
  { id: 0x1a, name: "responseInformation", kind: "text", places: ["connack"] },
  { id: 0x1c, name: "serverReference", kind: "text", places: ["connack", "disconnect"] },
  { id: 0x1f, name: "reasonString", kind: "text", places: ANSWERS },
  { id: 0x21, name: "receiveMaximum", kind: "uint16", places: HANDSHAKE, zero: PROTOCOL_ERROR },
  { id: 0x22, name: "topicAliasMaximum", kind: "uint16", places: HANDSHAKE },
  { id: 0x23, name: "topicAlias", kind: "uint16", places: ["publish"], zero: TOPIC_ALIAS_INVALID },
  { id: 0x24, name: "maximumQoS", kind: "bit", places: ["connack"] },
  { id: 0x25, name: "retainAvailable", kind: "flag", places: ["connack"] },
  {
    id: 0x26,
    name: "userProperties",
    kind: "pair",
    places: ["connect", ...MESSAGE, "subscribe", "unsubscribe", ...ANSWERS],
    list: true,
  },
  { id: 0x27, name: "maximumPacketSize", kind: "uint32", places: HANDSHAKE, zero: PROTOCOL_ERROR },
  { id: 0x28, name: "wildcardSubscriptionAvailable", kind: "flag", places: ["connack"] },
  { id: 0x29, name: "subscriptionIdentifierAvailable", kind: "flag", places: ["connack"] },
  { id: 0x2a, name: "sharedSubscriptionAvailable", kind: "flag", places: ["connack"] },
];
