import { headers, integer, object, priority, text, flag, type Raw } from "../check.ts";
import type { ServerFrame } from "../codec.ts";
import type { Command, Push, Reply } from "../command.ts";
import { PRIORITIES, type Stored } from "../message.ts";
import { Payload } from "../payload.ts";
import { malformed } from "../reject.ts";
import { isPushKind, isReplyKind, readPush, readReply, type PushKind, type ReplyKind } from "../replies.ts";
import { bytesOf, linesOf, parseObject } from "./decode.ts";
import { rawField, rawItems, rawMember } from "./span.ts";
import { oneLine, payloadMember } from "./text.ts";

/** The client's direction of the JSON subprotocol. */

export function encodeCommand(command: Command): string {
  const head = command.id === undefined ? "{" : `{"id":${command.id},`;
  return `${head}"${command.kind}":${commandBody(command)}}`;
}

function commandBody(command: Command): string {
  const bare = { ...command, kind: undefined, id: undefined };
  switch (command.kind) {
    case "publish":
      return publishBody(command);
    case "subscribe": {
      const { presence } = command;
      const body = JSON.stringify({ ...bare, presence: undefined, retained: command.retained || undefined });
      return presence === undefined
        ? body
        : withMember(body, `"presence":${presence.info === undefined ? "true" : oneLine(presence.info)}`);
    }
    case "presence":
      return JSON.stringify({ topic: command.topic, count: command.countOnly || undefined });
    default:
      return JSON.stringify(bare);
  }
}

function publishBody(command: Extract<Command, { kind: "publish" }>): string {
  const { topic, messageId, headers: named } = command;
  const word = command.priority === 1 ? undefined : PRIORITIES[command.priority];
  const rest = { topic, messageId, priority: word, headers: named, retain: command.retain || undefined };
  return withMember(JSON.stringify(rest), payloadMember(command.payload));
}

/** `body` is an object with at least one member. */
function withMember(body: string, member: string): string {
  return `${body.slice(0, -1)},${member}}`;
}

/** What a server sent. Objects with no known key are skipped: a newer server may say more. */
export function decodeServer(frame: string | Uint8Array): readonly ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (const line of linesOf(frame, Number.MAX_SAFE_INTEGER - 1)) {
    const read = readFrame(parseObject(line), line);
    if (read !== undefined) frames.push(read);
  }
  return frames;
}

function readFrame(raw: Raw, line: string): ServerFrame | undefined {
  const id = raw["id"] === undefined ? undefined : integer(raw["id"], "id", 1, Number.MAX_SAFE_INTEGER);
  for (const key in raw) {
    if (id === undefined && isPushKind(key)) return { kind: "push", push: pushOf(key, object(raw[key], key), line) };
    if (isReplyKind(key)) return { kind: "reply", id, reply: replyOf(key, object(raw[key], key), line) };
  }
  return undefined;
}

/** Bounded by the limit of what a member may tell of itself. */
const info = (value: unknown): string => JSON.stringify(value);

function pushOf(kind: PushKind, raw: Raw, line: string): Push {
  return readPush(kind, raw, { info, stored: (value) => readStored(value, rawMember(line, kind, "data")) });
}

function replyOf(kind: ReplyKind, raw: Raw, line: string): Reply {
  if (kind !== "history") return readReply(kind, raw, { info, stored: () => malformed(`${kind} has no messages`) });
  const items = rawItems(line, kind, "messages");
  let next = 0;
  return readReply(kind, raw, { info, stored: (value) => readStored(value, rawField(items[next++] ?? "", "data")) });
}

function readStored(value: unknown, data: string | undefined): Stored {
  const raw = object(value, "message");
  return {
    message: {
      topic: text(raw["topic"], "message.topic"),
      payload: readPayload(raw, data),
      id: raw["id"] === undefined ? undefined : text(raw["id"], "message.id"),
      from: raw["from"] === undefined ? undefined : text(raw["from"], "message.from"),
      time: integer(raw["time"], "message.time", 0, Number.MAX_SAFE_INTEGER),
      priority: priority(raw["priority"], "message.priority"),
      headers: headers(raw["headers"], "message.headers"),
      retain: flag(raw["retain"], "message.retain"),
      origin: "server",
    },
    offset: integer(raw["offset"], "message.offset", 0, Number.MAX_SAFE_INTEGER),
    previous: integer(raw["previous"], "message.previous", 0, Number.MAX_SAFE_INTEGER),
  };
}

function readPayload(raw: Raw, data: string | undefined): Payload {
  if (raw["text"] !== undefined) return Payload.text(text(raw["text"], "message.text"));
  if (raw["base64"] !== undefined) return Payload.binary(bytesOf(raw["base64"], "message.base64"));
  return data === undefined ? malformed("message: it has no data, text or base64") : Payload.json(data);
}
