import { FAULT } from "../fault.ts";
import { topicNameFault } from "../names.ts";
import { PROPERTIES, type MqttProperties, type Place, type Property, type ValueKind } from "../properties.ts";
import type { Reader } from "./reader.ts";

const BY_ID: readonly (Property | undefined)[] = Array.from({ length: 0x2b }, (_, id) =>
  PROPERTIES.find((property) => property.id === id),
);

const VALUES: Readonly<Record<ValueKind, (reader: Reader, name: string) => unknown>> = {
  flag: (reader, name) => bit(reader, name) === 1,
  bit,
  uint16: (reader, name) => reader.uint16(name),
  uint32: (reader, name) => reader.uint32(name),
  varint: (reader, name) => reader.varint(name),
  text: (reader, name) => reader.text(name),
  topic,
  binary: (reader, name) => reader.binary(name),
  pair: (reader, name) => [reader.text(name), reader.text(name)] as const,
};

/** The properties of a packet, undefined if there are none. In 3.1.1 nothing is read. [2.2.2 of 5.0] */
export function readProperties(reader: Reader, place: Place): MqttProperties | undefined {
  if (reader.version !== 5) return undefined;
  const length = reader.varint("property length");
  if (length === 0) return undefined;
  const outer = reader.end;
  const end = reader.at + length;
  if (end > outer) reader.malformed("property length", "it is longer than the packet");
  // Every property is read within this bound.
  reader.end = end;
  const found: Record<string, unknown> = {};
  while (reader.more) readProperty(reader, place, found);
  reader.end = outer;
  return found;
}

function readProperty(reader: Reader, place: Place, found: Record<string, unknown>): void {
  const id = reader.varint("property identifier");
  const property = BY_ID[id];
  if (property === undefined) return reader.malformed("", `there is no property 0x${id.toString(16)}`);
  const { name } = property;
  if (!property.places.includes(place)) reader.malformed(name, `it is not allowed in ${place}`);
  const value = VALUES[property.kind](reader, name);
  if (value === 0 && property.zero !== undefined) reader.fail(property.zero, name, "it is 0");
  if (property.list === true) ((found[name] ??= []) as unknown[]).push(value);
  else if (found[name] === undefined) found[name] = value;
  else reader.protocol(name, "it is there twice");
}

function bit(reader: Reader, name: string): number {
  const value = reader.byte(name);
  return value > 1 ? reader.protocol(name, `it is ${value}; 0 and 1 are allowed`) : value;
}

/** [MQTT-3.3.2-14] */
function topic(reader: Reader, name: string): string {
  const value = reader.text(name);
  const fault = topicNameFault(value);
  return fault === undefined ? value : reader.fail(FAULT.topic, name, fault);
}
