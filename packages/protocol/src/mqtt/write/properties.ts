import { PROPERTIES, type MqttProperties, type Place, type Property, type ValueKind } from "../properties.ts";
import { binarySize, putBinary, putText, putUint16, putUint32, putVarint, textSize, varintSize } from "./bytes.ts";

const BY_NAME: ReadonlyMap<string, Property> = new Map(PROPERTIES.map((property) => [property.name, property]));

interface ValueWriter<T> {
  size(value: T): number;
  put(bytes: Uint8Array, at: number, value: T): number;
}

const FLAG: ValueWriter<boolean> = { size: () => 1, put: (bytes, at, value) => putByte(bytes, at, value ? 1 : 0) };
const BIT: ValueWriter<number> = { size: () => 1, put: putByte };
const UINT16: ValueWriter<number> = { size: () => 2, put: putUint16 };
const UINT32: ValueWriter<number> = { size: () => 4, put: putUint32 };
const VARINT: ValueWriter<number> = { size: varintSize, put: putVarint };
const TEXT: ValueWriter<string> = { size: textSize, put: putText };
const BINARY: ValueWriter<Uint8Array> = { size: binarySize, put: putBinary };
const PAIR: ValueWriter<readonly [string, string]> = {
  size: (pair) => textSize(pair[0]) + textSize(pair[1]),
  put: (bytes, at, pair) => putText(bytes, putText(bytes, at, pair[0]), pair[1]),
};

/** The table says which kind a name has, and the type of the properties which value it has: they agree. */
const WRITERS = {
  flag: FLAG,
  bit: BIT,
  uint16: UINT16,
  uint32: UINT32,
  varint: VARINT,
  text: TEXT,
  topic: TEXT,
  binary: BINARY,
  pair: PAIR,
} as Readonly<Record<ValueKind, ValueWriter<unknown>>>;

/** Bytes of the properties without their length. Throws RangeError for one that is not allowed in this place. */
export function propertiesSize(properties: MqttProperties | undefined, place: Place): number {
  if (properties === undefined) return 0;
  let size = 0;
  for (const name in properties) {
    const value = properties[name as keyof MqttProperties];
    const property = BY_NAME.get(name);
    if (property?.places.includes(place) !== true) throw new RangeError(`${place} has no property ${name}`);
    if (value !== undefined) size += valueSize(property, value);
  }
  return size;
}

/** Every identifier takes one byte. */
function valueSize(property: Property, value: unknown): number {
  const writer = WRITERS[property.kind];
  if (property.list !== true) return 1 + writer.size(value);
  let size = 0;
  for (const item of value as readonly unknown[]) size += 1 + writer.size(item);
  return size;
}

/** With their length, for one packet. */
export function blockSize(properties: MqttProperties | undefined, place: Place): number {
  const size = propertiesSize(properties, place);
  return varintSize(size) + size;
}

export function putProperties(
  bytes: Uint8Array,
  at: number,
  properties: MqttProperties | undefined,
  place: Place,
): number {
  return putSized(bytes, at, properties, propertiesSize(properties, place));
}

/** `size` is what `propertiesSize` said. */
export function putSized(
  bytes: Uint8Array,
  from: number,
  properties: MqttProperties | undefined,
  size: number,
): number {
  let at = putVarint(bytes, from, size);
  if (properties === undefined) return at;
  for (const name in properties) {
    const value = properties[name as keyof MqttProperties];
    const property = BY_NAME.get(name);
    if (property !== undefined && value !== undefined) at = putValue(bytes, at, property, value);
  }
  return at;
}

function putValue(bytes: Uint8Array, from: number, property: Property, value: unknown): number {
  const writer = WRITERS[property.kind];
  if (property.list !== true) return writer.put(bytes, putByte(bytes, from, property.id), value);
  let at = from;
  for (const item of value as readonly unknown[]) at = writer.put(bytes, putByte(bytes, at, property.id), item);
  return at;
}

function putByte(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  return at + 1;
}
