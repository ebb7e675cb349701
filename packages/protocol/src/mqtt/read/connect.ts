import { FAULT, MqttFault } from "../fault.ts";
import { topicNameFault } from "../names.ts";
import type { ConnectPacket, MqttVersion, Qos, Will } from "../packet.ts";
import { readProperties } from "./properties.ts";
import type { Reader } from "./reader.ts";

/** Connect flags: section 3.1.2 of both standards. */
const CLEAN = 0x02;
const WILL = 0x04;
const WILL_QOS = 0x18;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USERNAME = 0x80;

/** Sets the reader's version. */
export function readConnect(reader: Reader): ConnectPacket {
  const version = readVersion(reader);
  reader.version = version;
  const flags = readFlags(reader, version);
  const keepAlive = reader.uint16("keep alive");
  const properties = readProperties(reader, "connect");
  if (properties?.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    reader.protocol("authenticationData", "it is there without authenticationMethod");
  }
  const cleanStart = (flags & CLEAN) !== 0;
  return {
    type: "connect",
    version,
    clientId: readClientId(reader, cleanStart),
    cleanStart,
    keepAlive,
    will: (flags & WILL) === 0 ? undefined : readWill(reader, flags),
    username: (flags & USERNAME) === 0 ? undefined : reader.text("user name"),
    password: (flags & PASSWORD) === 0 ? undefined : reader.binary("password"),
    properties,
  };
}

/** Protocol name and level. [MQTT-3.1.2-1, MQTT-3.1.2-2] */
function readVersion(reader: Reader): MqttVersion {
  const name = reader.text("protocol name");
  if (name !== "MQTT" && name !== "MQIsdp") {
    throw new MqttFault(FAULT.version, 'CONNECT: protocol name: it must be "MQTT"', undefined);
  }
  const level = reader.byte("protocol level");
  if (name === "MQTT" && (level === 4 || level === 5)) return level;
  // The highest bit is how Mosquitto's bridges mark themselves. They are answered in the version that they speak.
  const answer = (level & 0x7f) < 5 ? 4 : 5;
  const what = name === "MQTT" ? `it is ${level}` : `it is ${level} of MQIsdp`;
  throw new MqttFault(
    FAULT.version,
    `CONNECT: protocol level: ${what}; 4 (MQTT 3.1.1) and 5 (MQTT 5.0) are spoken`,
    answer,
  );
}

function readFlags(reader: Reader, version: MqttVersion): number {
  const what = "connect flags";
  const flags = reader.byte(what);
  // [MQTT-3.1.2-3]
  if ((flags & 1) !== 0) reader.malformed(what, "the reserved bit is set");
  // [MQTT-3.1.2-11 to -13 in 5.0, -13 to -15 in 3.1.1]
  if ((flags & WILL) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) {
    reader.malformed(what, "QoS or retain of a will is set, and there is no will");
  }
  if ((flags & WILL_QOS) === WILL_QOS) reader.malformed(what, "the will's QoS is 3");
  // [MQTT-3.1.2-22 in 3.1.1]; 5.0 allows it.
  if (version === 4 && (flags & USERNAME) === 0 && (flags & PASSWORD) !== 0) {
    reader.malformed(what, "a password without a user name is not allowed in MQTT 3.1.1");
  }
  return flags;
}

/** [MQTT-3.1.3-7, -8 in 3.1.1] */
function readClientId(reader: Reader, cleanStart: boolean): string {
  const clientId = reader.text("client identifier");
  if (clientId === "" && !cleanStart && reader.version === 4) {
    reader.fail(FAULT.clientId, "client identifier", "it may be empty only with a clean session in MQTT 3.1.1");
  }
  return clientId;
}

function readWill(reader: Reader, flags: number): Will {
  const properties = readProperties(reader, "will");
  const topic = reader.text("will topic");
  const fault = topicNameFault(topic);
  if (fault !== undefined) reader.fail(FAULT.topic, "will topic", fault);
  const payload = reader.binary("will payload");
  const qos = ((flags & WILL_QOS) >> 3) as Qos;
  return { topic, payload, qos, retain: (flags & WILL_RETAIN) !== 0, properties };
}
