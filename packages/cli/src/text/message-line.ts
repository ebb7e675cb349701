import { safeText } from "./safe-text.ts";

/** A message as HTTP and the JSON subprotocol write it: exactly one of `data`, `text` and `base64`. */
export interface WireMessage {
  readonly topic: string;
  readonly offset: number;
  readonly previous?: number;
  readonly id?: string;
  readonly from?: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly data?: unknown;
  readonly text?: string;
  readonly base64?: string;
}

/** For people: time, topic, sender, data; one line. */
export function messageLine(message: WireMessage): string {
  const { topic, from, time } = message;
  return `${localTime(time)}  ${safeText(topic)}  ${safeText(from ?? "-")}  ${payload(message)}\n`;
}

/** For programs: the whole message as one line of JSON, with the log's epoch where it is known. */
export function messageJson(message: WireMessage, epoch: string | undefined): string {
  return `${safeJson(epoch === undefined ? message : { epoch, ...message })}\n`;
}

function payload({ data, text, base64 }: WireMessage): string {
  if (text !== undefined) return safeText(text);
  return base64 === undefined ? safeJson(data) : `base64:${base64}`;
}

/** JSON.stringify leaves the controls above U+007F as they are. */
function safeJson(value: unknown): string {
  return safeText(JSON.stringify(value));
}

/** `2026-03-01 09:30:05.123` in the zone of this machine. */
function localTime(time: number): string {
  const date = new Date(time);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => two(part)).join("-");
  const hour = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(":");
  return `${day} ${hour}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
