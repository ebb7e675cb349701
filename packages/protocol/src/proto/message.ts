import type { Message, Stored } from "../message.ts";
import type { Payload } from "../payload.ts";
import { FORMATS, FRAME_NUMBERS, PRIORITY_NUMBER } from "./tables.ts";
import { LENGTH, Writer, varintSize } from "./writer.ts";

/** Field numbers of `Message`. */
export const MESSAGE = {
  topic: 1,
  offset: 2,
  previous: 3,
  id: 4,
  from: 5,
  time: 6,
  format: 7,
  payload: 8,
  priority: 9,
  headers: 10,
  retain: 11,
  filter: 12,
  redelivered: 13,
} as const;

/** Room for the numbers of a message and all tags. */
const FIXED = 64;

/** The bytes of a `Message` without `filter` and `redelivered`; by hand, for it is the hottest frame. */
export function messageBody(stored: Stored): Uint8Array {
  const { message } = stored;
  const writer = new Writer(message.payload.bytes.length + sizeOfNames(message) + FIXED);
  writer.string(MESSAGE.topic, message.topic);
  writer.number(MESSAGE.offset, stored.offset);
  if (stored.previous !== 0) writer.number(MESSAGE.previous, stored.previous);
  if (message.id !== undefined) writer.string(MESSAGE.id, message.id);
  if (message.from !== undefined) writer.string(MESSAGE.from, message.from);
  writer.number(MESSAGE.time, message.time);
  writePayload(writer, message.payload, MESSAGE.format, MESSAGE.payload);
  if (message.priority !== 1) writer.number(MESSAGE.priority, PRIORITY_NUMBER[message.priority]);
  if (message.headers !== undefined) writeHeaders(writer, MESSAGE.headers, message.headers);
  if (message.retain) writer.number(MESSAGE.retain, 1);
  return writer.finish();
}

/** Names are mostly ASCII; the writer grows where they are not. */
function sizeOfNames(message: Message): number {
  return message.topic.length + (message.id?.length ?? 0) + (message.from?.length ?? 0);
}

export function writePayload(writer: Writer, payload: Payload, format: number, bytes: number): void {
  if (payload.format !== "binary") writer.number(format, FORMATS.indexOf(payload.format));
  if (payload.bytes.length > 0) writer.bytes(bytes, payload.bytes);
}

export function writeHeaders(writer: Writer, field: number, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const entry = new Writer(name.length + value.length + 8);
    entry.string(1, name);
    entry.string(2, value);
    writer.bytes(field, entry.finish());
  }
}

/** The push of a message body, with what differs between subscriptions after it. */
export function wrapMessage(body: Uint8Array, filter: string | undefined, redelivered: boolean): Uint8Array {
  const tail = filter === undefined && !redelivered ? undefined : tailOf(filter, redelivered);
  const size = body.length + (tail?.length ?? 0);
  const inner = 1 + varintSize(size) + size;
  const writer = new Writer(varintSize(inner) + inner + 8);
  writer.varint(inner);
  writer.varint(FRAME_NUMBERS.message * 8 + LENGTH);
  writer.varint(size);
  writer.raw(body);
  if (tail !== undefined) writer.raw(tail);
  return writer.finish();
}

function tailOf(filter: string | undefined, redelivered: boolean): Uint8Array {
  const writer = new Writer((filter?.length ?? 0) + 8);
  if (filter !== undefined) writer.string(MESSAGE.filter, filter);
  if (redelivered) writer.number(MESSAGE.redelivered, 1);
  return writer.finish();
}
