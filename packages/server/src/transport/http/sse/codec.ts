import { InvalidInput, isWildcard, jsonCodec, namespaceOf, type Push, type Stored } from "@tidegate/protocol";
import type { Frame } from "../../../delivery/connection.ts";
import type { SessionCodec } from "../../../session/session.ts";
import { valueOf } from "../commands.ts";

export interface SseCodec extends SessionCodec {
  message(stored: Stored, filter: string | undefined, redelivered: boolean): Uint8Array;
  push(push: Push): Uint8Array;
}

export interface SseCodecParts {
  /** Epoch of the log that holds a topic. */
  readonly epochOf: (topic: string) => string;
  /** From 0 to 1. */
  readonly random: () => number;
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * Server-Sent Events as bytes, so that one encoded batch is shared by all who read slowly. The JSON is that of the
 * WebSocket subprotocol; it never holds a line break, which would end the data. [WHATWG HTML, 9.2.6]
 */
export function sseCodec({ epochOf, random }: SseCodecParts): SseCodec {
  return {
    origin: "http",
    group: undefined,
    decode: () => {
      throw new InvalidInput("malformed", "a stream of events takes no commands");
    },
    reply: (_, reply) => event(reply.kind, valueOf(jsonCodec.reply(undefined, reply))),
    message: (stored, filter, redelivered) => messageEvent(stored, filter, redelivered, epochOf),
    push: (push) => pushEvent(push, epochOf, random),
    join: (frames) => Buffer.concat(frames.map(bytesOf)),
  };
}

/** One event as bytes; `data` is on one line. */
export function event(name: string, data: string, id?: string): Uint8Array {
  const place = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`event: ${name}\n${place}data: ${data}\n\n`);
}

function messageEvent(
  stored: Stored,
  filter: string | undefined,
  redelivered: boolean,
  epochOf: SseCodecParts["epochOf"],
): Uint8Array {
  // A filter over several namespaces has no position that a client could come back with.
  const id = hasPosition(filter) ? `id: ${epochOf(stored.message.topic)}:${stored.offset}\n` : "";
  return encoder.encode(`${id}data: ${valueOf(jsonCodec.message(stored, filter, redelivered))}\n\n`);
}

function pushEvent(push: Push, epochOf: SseCodecParts["epochOf"], random: () => number): Uint8Array {
  switch (push.kind) {
    case "message":
      return messageEvent(push.stored, push.filter, push.redelivered, epochOf);
    case "join":
    case "leave":
      // A stream is never present in its topic.
      return NOTHING;
    case "unsubscribed":
      return event(push.kind, valueOf(jsonCodec.push(push)));
    case "gap":
      // Who was told of the gap goes on after it, and is not given it twice.
      return event(push.kind, valueOf(jsonCodec.push(push)), gapId(push, epochOf));
    case "reconnect":
      // The browser waits for `retry`, which is how the spread reaches it.
      return withRetry(push.delay + random() * push.spread, event(push.kind, valueOf(jsonCodec.push(push))));
  }
}

function gapId({ topic, to }: Extract<Push, { kind: "gap" }>, epochOf: SseCodecParts["epochOf"]): string | undefined {
  return hasPosition(topic) ? `${epochOf(topic)}:${to}` : undefined;
}

function hasPosition(filter: string | undefined): boolean {
  return filter === undefined || !isWildcard(namespaceOf(filter));
}

/** `ms` is the time until the browser connects again by itself. */
export function withRetry(ms: number, frame: Uint8Array): Uint8Array {
  return Buffer.concat([encoder.encode(`retry: ${Math.round(ms)}\n`), frame]);
}

function bytesOf(frame: Frame): Uint8Array {
  return typeof frame === "string" ? encoder.encode(frame) : frame;
}
