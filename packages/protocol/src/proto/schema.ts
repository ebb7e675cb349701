import type { Reader } from "./reader.ts";
import { LENGTH, VARINT, Writer } from "./writer.ts";

/**
 * Messages as tables, for all frames that are not hot. A field's name is that of the object's property, so that typed
 * replies are written as they are and read into the same shape that JSON has.
 */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: "string" | "bytes" | "uint32" | "uint64" | "bool" | Schema;
  /**
   * What it means that the field is not there: `absent` (and so does the default value), `default`, `optional` (absent,
   * but the default value is one of its own), `list` (none).
   */
  readonly presence: "absent" | "default" | "optional" | "list";
}

export type Schema = readonly Field[];

type Value = string | number | boolean | Uint8Array | Values;
type Values = Readonly<Record<string, unknown>>;
type Out = Record<string, unknown>;

export function field(
  name: string,
  number: number,
  type: Field["type"],
  presence: Field["presence"] = "absent",
): Field {
  return { name, number, type, presence };
}

export function writeMessage(writer: Writer, schema: Schema, values: object): void {
  for (const field of schema) {
    const value = (values as Values)[field.name];
    if (value === undefined) continue;
    if (field.presence === "list") for (const item of value as readonly Value[]) writeField(writer, field, item);
    else if (field.presence === "optional" || !isDefault(value)) writeField(writer, field, value as Value);
  }
}

function isDefault(value: unknown): boolean {
  return value === "" || value === 0 || value === false;
}

function writeField(writer: Writer, { number, type }: Field, value: Value): void {
  if (typeof type !== "string") {
    const nested = new Writer(64);
    writeMessage(nested, type, value as Values);
    writer.bytes(number, nested.finish());
  } else if (type === "string") writer.string(number, value as string);
  else if (type === "bytes") writer.bytes(number, value as Uint8Array);
  else writer.number(number, Number(value));
}

export function readMessage(reader: Reader, schema: Schema): Out {
  const out = defaults(schema);
  while (reader.more) readField(reader, schema, out);
  return out;
}

function defaults(schema: Schema): Out {
  const out: Out = {};
  for (const { name, type, presence } of schema) {
    if (presence === "list") out[name] = [];
    else if (presence === "default") out[name] = type === "string" ? "" : type === "bool" ? false : 0;
  }
  return out;
}

function readField(reader: Reader, schema: Schema, out: Out): void {
  const tag = reader.tag();
  const field = schema.find((known) => known.number === tag >>> 3);
  if (field === undefined || (tag & 7) !== wireType(field)) return reader.skip(tag);
  const value = readValue(reader, field.type);
  if (field.presence === "list") (out[field.name] as unknown[]).push(value);
  else if (field.presence === "absent" && isDefault(value)) out[field.name] = undefined;
  else out[field.name] = typeof field.type === "string" ? value : merged(out[field.name], value as Out);
}

/** A nested message that comes twice is one with the fields of both, as Protobuf wants. */
function merged(first: unknown, second: Out): Out {
  if (first === undefined) return second;
  const later = Object.entries(second).filter(([, value]) => value !== undefined && !isDefault(value));
  return { ...(first as Out), ...Object.fromEntries(later) };
}

function wireType(field: Field): number {
  return typeof field.type !== "string" || field.type === "string" || field.type === "bytes" ? LENGTH : VARINT;
}

function readValue(reader: Reader, type: Field["type"]): unknown {
  if (typeof type !== "string") return readMessage(reader.nested(), type);
  switch (type) {
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    case "uint32":
      return reader.uint32();
    case "uint64":
      return reader.uint64();
    case "bool":
      return reader.bool();
  }
}
