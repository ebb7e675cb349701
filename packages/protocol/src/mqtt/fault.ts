import type { MqttVersion } from "./packet.ts";

/** Reason codes of MQTT 5 that the codec itself finds. */
export const FAULT = {
  malformed: 0x81,
  protocol: 0x82,
  version: 0x84,
  clientId: 0x85,
  filter: 0x8f,
  topic: 0x90,
  topicAlias: 0x94,
  tooLarge: 0x95,
} as const;

/** A packet that the standard does not allow: the connection that it came from must be closed. */
export class MqttFault extends Error {
  /** Reason code of MQTT 5, for peers of both versions. */
  readonly code: number;
  /** How an answer is to be written; undefined: nothing is known of the peer, so close without one. */
  readonly version: MqttVersion | undefined;

  constructor(code: number, message: string, version: MqttVersion | undefined) {
    super(message);
    this.name = "MqttFault";
    this.code = code;
    this.version = version;
  }
}
