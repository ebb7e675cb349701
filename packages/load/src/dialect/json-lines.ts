import { Connection } from "../websocket/connection.ts";
import { textFrame } from "../websocket/frame.ts";
import { writeDigits } from "../wire/digits.ts";
import { FIRST_ID, ID_WIDTH, readLines } from "../wire/lines.ts";
import { MARK_START } from "../wire/mark.ts";
import type { Dialect, DialectName, DialectSink, PublishFrame } from "./dialect.ts";

/** A protocol of JSON objects in text frames of a WebSocket; a frame may hold several, split by newlines. */
export interface JsonLines {
  readonly name: DialectName;
  readonly path: string;
  readonly subprotocol: string | undefined;
  readonly waitsForConnect?: boolean;
  connect(id: number, token: string | undefined): string | undefined;
  subscribe(id: number, topic: string): string;
  publish(id: number, topic: string, data: string): string;
  /** What follows `{"id":…` in the reply to a publish that went well. */
  readonly published: string;
  /** A line of the server that wants an answer, and the answer. */
  readonly heartbeat?: readonly [line: string, answer: string];
}

export function jsonLines(protocol: JsonLines): Dialect {
  const { name, path, subprotocol, waitsForConnect = false } = protocol;
  const success = new TextEncoder().encode(protocol.published);
  return {
    name,
    waitsForConnect,
    open: ({ host, port }, handler) => Connection.open({ host, port, path, subprotocol }, handler),
    connect: (id, token) => framed(protocol.connect(id, token)),
    subscribe: (id, topic) => textFrame(protocol.subscribe(id, topic)),
    publish: (topic, data) => textPublish(protocol.publish(FIRST_ID, topic, data)),
    read: (bytes, start, end, sink) => readLines(bytes, start, end, success, sink),
    other: (text, sink) => readOther(protocol, text, sink),
    numberOf: (id) => id - FIRST_ID,
  };
}

/** The frame of a command that holds `FIRST_ID` and a mark. */
export function textPublish(command: string): PublishFrame {
  const bytes = textFrame(command);
  const idAt = Buffer.from(bytes.buffer).indexOf(String(FIRST_ID));
  return {
    bytes,
    markAt: bytes.indexOf(MARK_START),
    setNumber: (number) => writeDigits(bytes, idAt, ID_WIDTH, FIRST_ID + number),
  };
}

function framed(command: string | undefined): Uint8Array | undefined {
  return command === undefined ? undefined : textFrame(command);
}

/** What is neither acknowledgement nor message; it is rare, and parsed. */
function readOther({ heartbeat }: JsonLines, text: string, sink: DialectSink): void {
  if (text === heartbeat?.[0]) return sink.answer(textFrame(heartbeat[1]));
  const reply = JSON.parse(text) as { readonly id?: number; readonly error?: unknown };
  if (reply.id === undefined || reply.error !== undefined) sink.wrong(text);
  else sink.ready();
}
