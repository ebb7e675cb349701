import type { Message } from "@tidegate/protocol";
import { packFlags, payloadIn, withFlags } from "../../log/flags.ts";
import type { Raw } from "./direct.ts";

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

/** What a message of the stream says, but for its topic: for those who have it already, or need none. */
export function recordOf({ head, message }: Raw): Record {
  return decodeRecord("", head.get(HEADER), message.data);
}

function decode(topic: string, header: string, body: Uint8Array): Record {
  const [node, ticket, at, time, flags, id, from, headers] = JSON.parse(header) as Fields;
  const message = withFlags(flags, {
    topic,
    payload: payloadIn(flags, body),
    id: id === 0 ? undefined : id,
    from: from === 0 ? undefined : from,
    time,
    headers: headers === 0 ? undefined : headers,
  });
  return { message, node, ticket, at };
}

/** Binary, of normal priority, from the server. */
const FOREIGN = JSON.stringify(["", 0, 0, 0, 2 | (1 << 2) | (4 << 5), 0, 0, 0]);
