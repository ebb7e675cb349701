import { createHash } from "node:crypto";
import { headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import type { Message } from "@tidegate/protocol";
import type { Answered, Exchange } from "./exchange.ts";
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

/**
 * Publishes a message; `acknowledged` gets the answer. A retained value goes twice in one atomic batch: into the history, and as
 * the one message of its topic's retained subject. So neither is there without the other, and the copy's offset is its message's
 * and 1.
 * Returns what stops waiting for the answer.
 */
export function send(way: Way, outgoing: Outgoing, acknowledged: Answered): () => void {
  const { message, id, mark } = outgoing;
  const subject = way.subjects.of("m", message.topic);
  const head = headers();
  head.set(HEADER, encodeRecord(message, mark));
  if (id !== undefined) head.set("Nats-Msg-Id", id);
  if (message.retain) return sendRetained(way, outgoing, head, acknowledged);
  return way.exchange.send(subject, message.payload.form, acknowledged, head);
}

function sendRetained(way: Way, { message, mark }: Outgoing, first: MsgHdrs, acknowledged: Answered): () => void {
  const { exchange, subjects } = way;
  const batch = `${mark.node}.${mark.ticket}`;
  first.set("Nats-Batch-Id", batch);
  first.set("Nats-Batch-Sequence", "1");
  const copy = headers();
  copy.set(HEADER, encodeRecord(message, mark));
  copy.set("Nats-Batch-Id", batch);
  copy.set("Nats-Batch-Sequence", "2");
  copy.set("Nats-Batch-Commit", "1");
  copy.set("Nats-Rollup", "sub");
  // The first of a batch is answered as well, with nothing, or with why the batch was not begun; the last one says that, too.
  const forgetFirst = exchange.send(subjects.of("m", message.topic), message.payload.form, () => true, first);
  const forget = exchange.send(subjects.of("r", message.topic), message.payload.form, acknowledged, copy);
  return () => {
    forgetFirst();
    forget();
  };
}

/**
 * The id that the stream knows a message by: it counts on its topic. Of one length whatever the id has in it, since the server
 * holds all of a window in memory. `generation`: the offset of the one with the same id whose window is over.
 */
export function messageId(topic: string, id: string, generation: number): string {
  const hash = createHash("sha256").update(`${topic.length}:${topic}${id}`).digest("base64url").slice(0, 32);
  return generation === 0 ? hash : `${hash}.${generation}`;
}

/** A publish that stores nothing: the answer tells where the message with the id is, or that there is none. */
export function askForId(way: Way, topic: string, id: string): Promise<readonly Msg[]> {
  const head = headers();
  head.set("Nats-Msg-Id", id);
  // No id is ever this one, so that nothing is stored. The server looks for the message's own id first.
  head.set("Nats-Expected-Last-Msg-Id", "-");
  return way.exchange.ask(way.subjects.of("m", topic), "", true, head);
}
