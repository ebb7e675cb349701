import type {
  AckPacket,
  AckType,
  AuthPacket,
  ConnackPacket,
  DisconnectPacket,
  MqttPacketType,
  SubackPacket,
  UnsubackPacket,
} from "../packet.ts";
import { reasonName } from "../reasons.ts";
import { readProperties } from "./properties.ts";
import type { Reader } from "./reader.ts";

/** Return codes of a 3.1.1 CONNACK: table 3.1 there. */
const LAST_RETURN_CODE = 5;
/** Return codes of a 3.1.1 SUBACK: section 3.9.3 there. */
const SUBACK_CODES: readonly number[] = [0, 1, 2, 0x80];
const AUTH_SUCCESS = 0x00;
const AUTH_AGAIN = 0x19;
const WITH_WILL = 0x04;

export function readConnack(reader: Reader): ConnackPacket {
  const flags = reader.byte("acknowledge flags");
  if (flags > 1) reader.malformed("acknowledge flags", "a reserved bit is set");
  const code = reader.version === 5 ? readReason(reader, "connack") : readReturnCode(reader);
  // [MQTT-3.2.2-4 in 3.1.1, -6 in 5.0]
  if (code !== 0 && flags === 1) reader.protocol("acknowledge flags", "a session is present, but the code is not 0");
  return { type: "connack", sessionPresent: flags === 1, code, properties: readProperties(reader, "connack") };
}

function readReturnCode(reader: Reader): number {
  const code = reader.byte("return code");
  return code > LAST_RETURN_CODE ? reader.protocol("return code", `it is ${code}; 0 to 5 are allowed`) : code;
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: in 5.0 code and properties may be left out. [3.4.2.1] */
export function readAck(reader: Reader, type: AckType): AckPacket {
  const packetId = reader.packetId();
  if (reader.version === 4 || !reader.more) return { type, packetId, code: 0, properties: undefined };
  const code = readReason(reader, type);
  return { type, packetId, code, properties: reader.more ? readProperties(reader, type) : undefined };
}

export function readSuback(reader: Reader): SubackPacket {
  const packetId = reader.packetId();
  const properties = readProperties(reader, "suback");
  return { type: "suback", packetId, codes: readCodes(reader, "suback"), properties };
}

/** In 3.1.1 it has no codes. */
export function readUnsuback(reader: Reader): UnsubackPacket {
  const packetId = reader.packetId();
  const properties = readProperties(reader, "unsuback");
  const codes = reader.version === 4 ? [] : readCodes(reader, "unsuback");
  return { type: "unsuback", packetId, codes, properties };
}

function readCodes(reader: Reader, type: "suback" | "unsuback"): readonly number[] {
  const codes: number[] = [];
  while (reader.more) codes.push(reader.version === 5 ? readReason(reader, type) : readGranted(reader));
  return codes.length === 0 ? reader.protocol("", "it has no code") : codes;
}

function readGranted(reader: Reader): number {
  const code = reader.byte("return code");
  return SUBACK_CODES.includes(code) ? code : reader.protocol("return code", `0x${code.toString(16)} is none`);
}

/** Without a body it is a normal one. [3.14.2.1] */
export function readDisconnect(reader: Reader): DisconnectPacket {
  if (reader.version === 4 || !reader.more) return { type: "disconnect", code: 0, properties: undefined };
  const code = readReason(reader, "disconnect");
  const properties = reader.more ? readProperties(reader, "disconnect") : undefined;
  if (reader.role === "client") checkServersDisconnect(reader, code, properties?.sessionExpiryInterval !== undefined);
  return { type: "disconnect", code, properties };
}

/** [MQTT-3.14.2-2], table 3-10 */
function checkServersDisconnect(reader: Reader, code: number, expiry: boolean): void {
  if (code === WITH_WILL) reader.protocol("reason code", "only a client may send 0x4");
  if (expiry) reader.protocol("sessionExpiryInterval", "only a client may send it in DISCONNECT");
}

/** Without a body it is a success. [3.15.2.1] */
export function readAuth(reader: Reader): AuthPacket {
  const code = reader.more ? readReason(reader, "auth") : AUTH_SUCCESS;
  const forbidden = reader.role === "server" ? AUTH_SUCCESS : AUTH_AGAIN;
  // [MQTT-3.15.2-1], table 3-11
  if (code === forbidden) reader.protocol("reason code", `the other side may not send 0x${code.toString(16)}`);
  if (code === AUTH_SUCCESS && !reader.more) return { type: "auth", code, properties: undefined };
  const properties = readProperties(reader, "auth");
  if (properties?.authenticationMethod === undefined) reader.protocol("authenticationMethod", "it is missing");
  return { type: "auth", code, properties };
}

function readReason(reader: Reader, type: MqttPacketType): number {
  const code = reader.byte("reason code");
  if (code === 0) return 0;
  if (reasonName(code, type) === undefined)
    reader.protocol("reason code", `0x${code.toString(16)} is not allowed here`);
  return code;
}
