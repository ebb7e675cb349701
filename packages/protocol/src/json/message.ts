import { PRIORITIES, type Message, type Stored } from "../message.ts";
import { payloadMember, quote } from "./text.ts";

/**
 * A stored message as a JSON object. The hottest function of the product: a payload is put in as it is, never parsed or
 * written anew. The small fields go through JSON.stringify, which makes one flat string: putting them together from
 * ten pieces is as fast, but then flattening those costs as much again when the frame is sent.
 */
export function messageBody({ message, offset, previous }: Stored): string {
  const { topic, id, from, time, headers } = message;
  const priority = priorityWord(message);
  const retain = message.retain ? true : undefined;
  const head = JSON.stringify({ topic, offset, previous, id, from, time, priority, headers, retain });
  return `${head.slice(0, -1)},${payloadMember(message.payload)}}`;
}

function priorityWord({ priority }: Message): string | undefined {
  return priority === 1 ? undefined : PRIORITIES[priority];
}

export function wrapMessage(body: string, filter: string | undefined, redelivered: boolean): string {
  if (filter === undefined && !redelivered) return `{"message":${body}}`;
  const named = filter === undefined ? "" : `,"filter":${quote(filter)}`;
  const again = redelivered ? ',"redelivered":true' : "";
  return `{"message":${body.slice(0, -1)}${named}${again}}}`;
}
