import { PRIORITIES, type Stored } from "../message.ts";
import { payloadMember, quote } from "./text.ts";

/**
 * A stored message as a JSON object. The hottest function of the product: it puts texts together and never parses or
 * writes a payload anew.
 */
export function messageBody(stored: Stored): string {
  const { message } = stored;
  let body = `{"topic":${quote(message.topic)},"offset":${stored.offset},"previous":${stored.previous}`;
  if (message.id !== undefined) body += `,"id":${quote(message.id)}`;
  if (message.from !== undefined) body += `,"from":${quote(message.from)}`;
  body += `,"time":${message.time},${payloadMember(message.payload)}`;
  if (message.priority !== 1) body += `,"priority":"${PRIORITIES[message.priority]}"`;
  if (message.headers !== undefined) body += `,"headers":${JSON.stringify(message.headers)}`;
  return message.retain ? `${body},"retain":true}` : `${body}}`;
}

export function wrapMessage(body: string, filter: string | undefined, redelivered: boolean): string {
  if (filter === undefined && !redelivered) return `{"message":${body}}`;
  const named = filter === undefined ? "" : `,"filter":${quote(filter)}`;
  const again = redelivered ? ',"redelivered":true' : "";
  return `{"message":${body.slice(0, -1)}${named}${again}}}`;
}
