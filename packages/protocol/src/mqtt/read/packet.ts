import type { MqttPacket, MqttPacketType } from "../packet.ts";
import { readAck, readAuth, readConnack, readDisconnect, readSuback, readUnsuback } from "./answers.ts";
import { readConnect } from "./connect.ts";
import { readPublish } from "./publish.ts";
import type { Reader } from "./reader.ts";
import { readSubscribe, readUnsubscribe } from "./subscribe.ts";

type Read = (reader: Reader, flags: number) => MqttPacket;

const READERS: Readonly<Record<MqttPacketType, Read>> = {
  connect: readConnect,
  connack: readConnack,
  publish: readPublish,
  puback: (reader) => readAck(reader, "puback"),
  pubrec: (reader) => readAck(reader, "pubrec"),
  pubrel: (reader) => readAck(reader, "pubrel"),
  pubcomp: (reader) => readAck(reader, "pubcomp"),
  subscribe: readSubscribe,
  suback: readSuback,
  unsubscribe: readUnsubscribe,
  unsuback: readUnsuback,
  pingreq: () => ({ type: "pingreq" }),
  pingresp: () => ({ type: "pingresp" }),
  disconnect: readDisconnect,
  auth: readAuth,
};

/** The packet that the reader has entered, to its last byte. */
export function readPacket(reader: Reader, type: MqttPacketType, flags: number): MqttPacket {
  const packet = READERS[type](reader, flags);
  reader.finish();
  return packet;
}
