import { createHash } from "node:crypto";
import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import type { Message } from "@tidegate/protocol";
import { parseAck, type Ack } from "./ack.ts";
import type { Exchange } from "./exchange.ts";
import { encodeHead } from "./head.ts";
import { encodeRecord, HEADER, type Written } from "./record.ts";
import type { Subjects } from "./subjects.ts";

/** A message as it is about to be published. */
export interface Outgoing {
  readonly message: Message;
  readonly id: string | undefined;
  readonly mark: Written;
}

interface Way {
  readonly exchange: Exchange;
  readonly subjects: Subjects;
}

/** What the stream said to a message, and to the copy of its retained value, if it has one. */
export type Settled = (ack: Ack, copy: Ack | undefined) => void;

/**
 * Publishes a message. A retained value goes twice, the second time as the one message of its topic's retained subject. Returns
 * what stops waiting for the answers.
 */
export function send(way: Way, outgoing: Outgoing, settled: Settled): () => void {
  const { message, id, mark } = outgoing;
  const subject = way.subjects.ofMessages(message.topic);
  const head = encodeHead(fieldsOf(message, mark, id));
  if (message.retain) return sendRetained(way, outgoing, head, settled);
  const answered = (answer: Msg | undefined): boolean => {
    settled(parseAck(answer), undefined);
    return true;
  };
  return way.exchange.send(subject, message.payload.form, answered, head);
}

function sendRetained(way: Way, { message, id, mark }: Outgoing, head: MsgHdrs, settled: Settled): () => void {
  const { exchange, subjects } = way;
  const { topic, payload } = message;
  let first: Ack | undefined;
  let copy: Ack | undefined;
  const answered = (keep: (ack: Ack) => void) => (answer: Msg | undefined) => {
    keep(parseAck(answer));
    if (first !== undefined && copy !== undefined) settled(first, copy);
    return true;
  };
  const copyHead = encodeHead([...fieldsOf(message, mark, id && `r${id}`), ["Nats-Rollup", "sub"]]);
  const forgetFirst = exchange.send(
    subjects.of("m", topic),
    payload.form,
    answered((ack) => (first = ack)),
    head,
  );
  const forget = exchange.send(
    subjects.of("r", topic),
    payload.form,
    answered((ack) => (copy = ack)),
    copyHead,
  );
  return () => {
    forgetFirst();
    forget();
  };
}

function fieldsOf(message: Message, mark: Written, id: string | undefined): [string, string][] {
  const fields: [string, string][] = [[HEADER, encodeRecord(message, mark)]];
  if (id !== undefined) fields.push(["Nats-Msg-Id", id]);
  return fields;
}

/**
 * The id that the stream knows a message by: it counts on its topic. A long one, or one that is not plain text, goes as its hash.
 * `generation`: the offset of the one with the same id whose window is over. No topic has a `#`, no hash has one.
 */
export function messageId(topic: string, id: string, generation: number): string {
  const name = `${generation}#${topic}#${id}`;
  if (name.length <= MAX_PLAIN && PLAIN.test(name)) return name;
  return createHash("sha256").update(name).digest("base64url");
}

/** Characters: the server holds every id of the window in memory. */
const MAX_PLAIN = 80;
const PLAIN = /^[!-~]+$/;
