import type { Push, Reply } from "../command.ts";
import { messageBody, wrapMessage } from "./message.ts";
import { writeMessage } from "./schema.ts";
import { FRAMES, FRAME_NUMBERS, ID } from "./tables.ts";
import { Writer, varintSize } from "./writer.ts";

/** One reply as a length-delimited ServerFrame. */
export function encodeReply(id: number | undefined, reply: Reply): Uint8Array {
  const body = new Writer(64);
  writeMessage(body, FRAMES[reply.kind], replyValues(reply));
  return delimited(id, FRAME_NUMBERS[reply.kind], body.finish());
}

function replyValues(reply: Reply): object {
  switch (reply.kind) {
    case "error":
      return reply.error;
    case "history":
      return { ...reply, messages: reply.messages.map(messageBody) };
    case "presence":
      return { count: reply.count, members: reply.members && { members: reply.members } };
    default:
      return reply;
  }
}

/** One push as a length-delimited ServerFrame. */
export function encodePush(push: Push): Uint8Array {
  if (push.kind === "message") return wrapMessage(messageBody(push.stored), push.filter, push.redelivered);
  const body = new Writer(64);
  writeMessage(body, FRAMES[push.kind], push);
  return delimited(undefined, FRAME_NUMBERS[push.kind], body.finish());
}

/** Length, id, and `body` as the member `number` of the oneof. */
export function delimited(id: number | undefined, number: number, body: Uint8Array): Uint8Array {
  const frame = new Writer(body.length + 16);
  if (id !== undefined) frame.number(ID, id);
  frame.bytes(number, body);
  const bytes = frame.finish();
  const writer = new Writer(varintSize(bytes.length) + bytes.length + 8);
  writer.varint(bytes.length);
  writer.raw(bytes);
  return writer.finish();
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
