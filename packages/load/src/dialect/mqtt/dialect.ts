import {
  bodyOf,
  connectPacket,
  PACKET,
  publishHead,
  readUint16,
  subscribePacket,
  writeUint16,
} from "../../mqtt/packets.ts";
import { MARK_START } from "../../wire/mark.ts";
import type { Dialect, DialectSink, PublishFrame } from "../dialect.ts";
import { MqttConnection } from "./connection.ts";

/** Ids of publishes: 1 to 65,535 in turn. Subscriptions take theirs before any publish is sent. */
const IDS = 65_535;

/** What the server says of a subscription that it refuses. [MQTT 3.1.1, 3.9.3] */
const REFUSED = 0x80;

const ANONYMOUS = { user: undefined, password: undefined, keepAlive: 0 };

/**
 * MQTT 3.1.1 over TCP: publishes at QoS 1, which are acknowledged, subscriptions at QoS 0, whose deliveries are not. That is
 * what the room servers do, and what a chat or a dashboard asks of a broker.
 */
export const mqttDialect: Dialect = {
  name: "mqtt",
  waitsForConnect: false,
  open: (address, handler) => MqttConnection.open(address, handler),
  // Without keep-alive: nothing is to be sent only because time passes.
  connect: () => connectPacket({ ...ANONYMOUS, clientId: `load-${crypto.randomUUID().slice(0, 18)}` }),
  subscribe: (id, topic) => subscribePacket(id, topic, 0),
  ...publishing(1),
  read,
  other: (text, sink) => sink.wrong(text),
};

/** What a publisher at this QoS needs; at QoS 0 there are no ids. */
export function publishing(qos: 0 | 1): Pick<Dialect, "publish" | "numberOf"> {
  return {
    publish: (topic, data) => publishFrame(topic, data, qos),
    // The latest number that has this id: no more than 65,535 are under way.
    numberOf: (id, sent) => sent - ((((sent - id) % IDS) + IDS) % IDS),
  };
}

function publishFrame(topic: string, data: string, qos: 0 | 1): PublishFrame {
  const payload = Buffer.from(data);
  const head = publishHead(topic, qos, 0, payload.length);
  const bytes = Buffer.concat([head, payload]);
  const idAt = head.length - 2;
  return {
    bytes,
    markAt: head.length + payload.indexOf(MARK_START),
    setNumber: qos === 0 ? () => {} : (number) => writeUint16(bytes, idAt, ((number - 1) % IDS) + 1),
  };
}

function read(bytes: Uint8Array, start: number, end: number, sink: DialectSink): void {
  const type = bytes[start]! >> 4;
  if (type === PACKET.publish) {
    const mark = bytes.indexOf(MARK_START, start);
    if (mark >= 0 && mark < end) return sink.marked(bytes, mark);
  }
  const body = bodyOf(bytes, start);
  const number = readUint16(bytes, body);
  if (type === PACKET.puback) sink.accepted(number);
  else if (type === PACKET.connack && number === 0) sink.ready();
  else if (type === PACKET.suback && bytes[body + 2] !== REFUSED) sink.ready();
  else sink.other(`a packet of type ${type}: ${Buffer.from(bytes.subarray(start, end)).toString("hex")}`);
}
