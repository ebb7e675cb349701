import type { MqttProperties } from "./properties.ts";

/** The protocol level of CONNECT: 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type MqttVersion = 4 | 5;

export type Qos = 0 | 1 | 2;

/**
 * Every control packet of both versions. What 3.1.1 does not have reads as if it were not there: properties are undefined
 * and codes 0; writing one for 3.1.1 leaves them out.
 */
export type MqttPacket =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;

export type MqttPacketType = MqttPacket["type"];

export interface ConnectPacket {
  readonly type: "connect";
  readonly version: MqttVersion;
  /** Empty: the server chooses one. */
  readonly clientId: string;
  /** "Clean session" in 3.1.1. */
  readonly cleanStart: boolean;
  /** Seconds; 0 switches it off. */
  readonly keepAlive: number;
  readonly will: Will | undefined;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly properties: MqttProperties | undefined;
}

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: MqttProperties | undefined;
}

export interface ConnackPacket {
  readonly type: "connack";
  readonly sessionPresent: boolean;
  /** As on the wire: a reason code in 5.0, a return code (0 to 5, see `returnCodeOf`) in 3.1.1. */
  readonly code: number;
  readonly properties: MqttProperties | undefined;
}

export interface PublishPacket {
  readonly type: "publish";
  /** Empty in 5.0 where a topic alias stands for it. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Undefined at QoS 0. */
  readonly packetId: number | undefined;
  readonly properties: MqttProperties | undefined;
}

export type AckType = "puback" | "pubrec" | "pubrel" | "pubcomp";

export interface AckPacket {
  readonly type: AckType;
  readonly packetId: number;
  readonly code: number;
  readonly properties: MqttProperties | undefined;
}

export interface SubscribePacket {
  readonly type: "subscribe";
  readonly packetId: number;
  readonly subscriptions: readonly Subscription[];
  readonly properties: MqttProperties | undefined;
}

export interface Subscription {
  readonly filter: string;
  /** The highest that the client wants. */
  readonly qos: Qos;
  /** This and what follows are 5.0's: false, false and 0 in 3.1.1. */
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: send retained messages; 1: only for a new subscription; 2: do not. */
  readonly retainHandling: 0 | 1 | 2;
}

export interface SubackPacket {
  readonly type: "suback";
  readonly packetId: number;
  /** One for each subscription, in their order; every failure is 0x80 in 3.1.1. */
  readonly codes: readonly number[];
  readonly properties: MqttProperties | undefined;
}

export interface UnsubscribePacket {
  readonly type: "unsubscribe";
  readonly packetId: number;
  readonly filters: readonly string[];
  readonly properties: MqttProperties | undefined;
}

export interface UnsubackPacket {
  readonly type: "unsuback";
  readonly packetId: number;
  /** One for each filter; none in 3.1.1. */
  readonly codes: readonly number[];
  readonly properties: MqttProperties | undefined;
}

export interface PingPacket {
  readonly type: "pingreq" | "pingresp";
}

export interface DisconnectPacket {
  readonly type: "disconnect";
  readonly code: number;
  readonly properties: MqttProperties | undefined;
}

export interface AuthPacket {
  readonly type: "auth";
  readonly code: number;
  readonly properties: MqttProperties | undefined;
}
