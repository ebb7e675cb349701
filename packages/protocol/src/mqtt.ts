/** The codec of MQTT 3.1.1 and 5.0, for both ends of a connection: bytes to packets and back. No sockets, no clock. */
export { MqttDecoder } from "./mqtt/decoder.ts";
export { encodePacket, encodeWithin, packetSize } from "./mqtt/encode.ts";
export { MqttFault } from "./mqtt/fault.ts";
export { parseShared, topicNameFault } from "./mqtt/names.ts";
export type * from "./mqtt/packet.ts";
export type { MqttProperties } from "./mqtt/properties.ts";
export { REASONS, reasonName, returnCodeOf } from "./mqtt/reasons.ts";
export { mqttTextFault } from "./mqtt/write/bytes.ts";
export {
  ACK_SIZE,
  ackWord,
  encodeAck,
  encodePublish,
  publishSize,
  putAck,
  putPublish,
  withPacketId,
  type Publish,
  type PublishFrame,
} from "./mqtt/write/publish.ts";
