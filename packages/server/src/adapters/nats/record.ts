import {
  Payload,
  type Message,
  type Origin,
  type PayloadFormat,
  type Priority,
  type Quality,
} from "@tidegate/protocol";

/** The header that holds what a message is besides its payload, so that other programs on NATS find the payload as it is. */
export const HEADER = "Tidegate";

/** Who stored it: a gateway finds its own messages in the tail by it. */
export interface Mark {
  readonly node: string;
  readonly ticket: number;
}

export interface Written extends Mark {
  /** When the log took it, by the gateway's clock, in milliseconds since 1970. */
  readonly at: number;
}

export interface Record extends Written {
  readonly message: Message;
}

const FORMATS: readonly PayloadFormat[] = ["json", "text", "binary"];
const ORIGINS: readonly Origin[] = ["websocket", "http", "mqtt", "grpc", "server"];

type Fields = readonly [
  node: string,
  ticket: number,
  at: number,
  time: number,
  flags: number,
  id: string | 0,
  from: string | 0,
  headers: { readonly [name: string]: string } | 0,
];

/** The header's value: JSON, whose escapes keep control characters and halves of characters out of the protocol's lines. */
export function encodeRecord(message: Message, { node, ticket, at }: Written): string {
  const { id = 0, from = 0, headers, time } = message;
  const fields: Fields = [node, ticket, at, time, packFlags(message), id, from, headers ?? 0];
  return JSON.stringify(fields);
}

/** Of a message that another program put into the stream nothing but the payload is known. */
export function decodeRecord(topic: string, header: string, body: Uint8Array): Record {
  try {
    return decode(topic, header, body);
  } catch {
    return decode(topic, FOREIGN, body);
  }
}

function decode(topic: string, header: string, body: Uint8Array): Record {
  const [node, ticket, at, time, flags, id, from, headers] = JSON.parse(header) as Fields;
  const quality = ((flags >> 10) & 3) - 1;
  const message: Message = {
    topic,
    payload: Payload.of(FORMATS[flags & 3] ?? "binary", body),
    id: id === 0 ? undefined : id,
    from: from === 0 ? undefined : from,
    time,
    priority: ((flags >> 2) & 3) as Priority,
    headers: headers === 0 ? undefined : headers,
    retain: (flags & RETAIN) !== 0,
    origin: ORIGINS[(flags >> 5) & 7] ?? "server",
    ...(quality < 0 ? {} : { quality: quality as Quality }),
  };
  return { message, node, ticket, at };
}

const RETAIN = 1 << 4;
/** Binary, of normal priority, from the server. */
const FOREIGN = JSON.stringify(["", 0, 0, 0, 2 | (1 << 2) | (4 << 5), 0, 0, 0]);

/** Bits 0-1 the format, 2-3 the priority, 4 retain, 5-7 the origin, 10-11 the quality and 1, 0 where nobody states it. */
function packFlags({ payload, priority, retain, origin, quality }: Message): number {
  const base = FORMATS.indexOf(payload.format) | (priority << 2) | (retain ? RETAIN : 0);
  return base | (ORIGINS.indexOf(origin) << 5) | (((quality ?? -1) + 1) << 10);
}
