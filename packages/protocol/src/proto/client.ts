import { headers as checkHeaders, integer, object, priority as checkPriority } from "../check.ts";
import type { ServerFrame } from "../codec.ts";
import type { Command } from "../command.ts";
import type { Stored } from "../message.ts";
import { malformed } from "../reject.ts";
import { isPushKind, readPush, readReply, type Nested, type PushKind, type ReplyKind } from "../replies.ts";
import { frameReader } from "./decode.ts";
import { delimited } from "./encode.ts";
import { MESSAGE, writeHeaders, writePayload } from "./message.ts";
import { Reader } from "./reader.ts";
import { field, readMessage, writeMessage, type Schema } from "./schema.ts";
import { COMMAND_NUMBERS, COMMANDS, FRAMES, FRAME_NUMBERS, PRIORITY_NUMBER } from "./tables.ts";
import { payloadOf, priorityWord, readHeader } from "./values.ts";
import { LENGTH, Writer } from "./writer.ts";

/** The client's direction of the Protobuf subprotocol. */

export function encodeCommand(command: Command): Uint8Array {
  const body = new Writer(64);
  if (command.kind === "publish") writePublish(body, command);
  else writeMessage(body, COMMANDS[command.kind], command.kind === "presence" ? presenceValues(command) : command);
  return delimited(command.id, COMMAND_NUMBERS[command.kind], body.finish());
}

function presenceValues(command: Extract<Command, { kind: "presence" }>): object {
  return { topic: command.topic, count: command.countOnly };
}

function writePublish(writer: Writer, command: Extract<Command, { kind: "publish" }>): void {
  writer.string(1, command.topic);
  writePayload(writer, command.payload, 2, 3);
  if (command.messageId !== undefined) writer.string(4, command.messageId);
  if (command.priority !== 1) writer.number(5, PRIORITY_NUMBER[command.priority]);
  if (command.headers !== undefined) writeHeaders(writer, 6, command.headers);
  if (command.retain) writer.number(7, 1);
}

const KIND_OF: ReadonlyMap<number, ReplyKind | PushKind> = new Map(
  Object.entries(FRAME_NUMBERS).map(([kind, number]) => [number * 8 + LENGTH, kind as ReplyKind | PushKind]),
);

/** `Message` but its headers, which are a map. */
const MESSAGE_TABLE: Schema = [
  field("topic", MESSAGE.topic, "string", "default"),
  field("offset", MESSAGE.offset, "uint64", "default"),
  field("previous", MESSAGE.previous, "uint64", "default"),
  field("id", MESSAGE.id, "string"),
  field("from", MESSAGE.from, "string"),
  field("time", MESSAGE.time, "uint64", "default"),
  field("format", MESSAGE.format, "uint32", "default"),
  field("payload", MESSAGE.payload, "bytes"),
  field("priority", MESSAGE.priority, "uint32", "default"),
  field("headers", MESSAGE.headers, "bytes", "list"),
  field("retain", MESSAGE.retain, "bool", "default"),
  field("filter", MESSAGE.filter, "string"),
  field("redelivered", MESSAGE.redelivered, "bool", "default"),
];

/** What a server sent. Frames with no known member are skipped: a newer server may say more. */
export function decodeServer(frame: string | Uint8Array): readonly ServerFrame[] {
  const frames: ServerFrame[] = [];
  const reader = frameReader(frame);
  while (reader.more) {
    const read = decodeFrame(reader.nested());
    if (read !== undefined) frames.push(read);
  }
  return frames;
}

function decodeFrame(reader: Reader): ServerFrame | undefined {
  let id: number | undefined;
  let kind: ReplyKind | PushKind | undefined;
  let body: Reader | undefined;
  while (reader.more) {
    const tag = reader.tag();
    const found = KIND_OF.get(tag);
    if (tag === 0x08) id = reader.uint32() || undefined;
    else if (found === undefined) reader.skip(tag);
    else {
      kind = found;
      body = reader.nested();
    }
  }
  return kind === undefined ? undefined : read(id, kind, body!);
}

const NESTED: Nested = { stored: readStored, info: String };

function read(id: number | undefined, kind: ReplyKind | PushKind, body: Reader): ServerFrame {
  const raw = readMessage(body, kind === "message" ? MESSAGE_TABLE : FRAMES[kind]);
  if (isPushKind(kind)) return { kind: "push", push: readPush(kind, raw, NESTED) };
  if (kind === "presence" && raw["members"] !== undefined) raw["members"] = object(raw["members"], kind)["members"];
  return { kind: "reply", id, reply: readReply(kind, raw, NESTED) };
}

/** From the fields of a push, or from the bytes of a message in a history answer. */
function readStored(value: unknown): Stored {
  const raw = value instanceof Uint8Array ? readMessage(new Reader(value), MESSAGE_TABLE) : object(value, "message");
  const { topic, id, from, time, format, payload, priority, retain } = raw;
  if (typeof topic !== "string") return malformed("a message has no topic");
  return {
    message: {
      topic,
      payload: payloadOf(Number(format), payload as Uint8Array | undefined, "message.payload"),
      id: id as string | undefined,
      from: from as string | undefined,
      time: integer(time, "message.time", 0, Number.MAX_SAFE_INTEGER),
      priority: checkPriority(priorityWord(Number(priority)), "message.priority"),
      headers: readHeaders(raw["headers"] as readonly Uint8Array[]),
      retain: retain === true,
      origin: "server",
    },
    offset: integer(raw["offset"], "message.offset", 0, Number.MAX_SAFE_INTEGER),
    previous: integer(raw["previous"], "message.previous", 0, Number.MAX_SAFE_INTEGER),
  };
}

function readHeaders(entries: readonly Uint8Array[]): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  for (const entry of entries) readHeader(new Reader(entry), headers);
  return checkHeaders(headers, "message.headers");
}
