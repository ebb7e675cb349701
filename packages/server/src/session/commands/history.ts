import { LIMITS, namespaceOf, protocolError, type HistoryCommand, type Stored } from "@tidegate/protocol";
import { maySubscribe, type Identity } from "../../auth/index.ts";
import type { Log, Page } from "../../log/log.ts";
import type { Stream } from "../../log/stream.ts";
import { fail, reply, type Decision } from "../decision.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session.ts";

const DEFAULT_LIMIT = 100;

/** Bytes of payload in one answer: with `historyPage` messages it bounds what one command can make the server hold. */
const MAX_BYTES = 1024 * 1024;

export function history(session: Session, command: HistoryCommand): Decision {
  const { open, services } = session;
  return open === undefined ? fail("not_connected", "connect first") : historyFor(services, open.identity, command);
}

/** The same for a protocol without sessions. */
export function historyFor(services: Services, identity: Identity, command: HistoryCommand): Decision {
  const namespace = namespaceOf(command.topic);
  if (services.namespaces(namespace) === undefined || !maySubscribe(identity, command.topic))
    return fail("forbidden", `history.topic: no permission to subscribe to ${command.topic}`);
  return { do: "wait", outcome: read(services.streamOf(command.topic, namespace), command) };
}

async function read(stream: Stream, command: HistoryCommand): Promise<Decision> {
  try {
    const { epoch } = stream.log;
    const page = await readPage(stream, command);
    const complete = page.complete && (command.after === undefined || command.after.epoch === epoch);
    return reply({ kind: "history", epoch, messages: page.messages, more: page.more, complete });
  } catch (error) {
    return { do: "fail", error: protocolError("unavailable", `history: ${(error as Error).message}`) };
  }
}

function readPage({ log }: Stream, command: HistoryCommand): Promise<Page> {
  const limit = Math.min(command.limit ?? DEFAULT_LIMIT, LIMITS.historyPage);
  const { topic, after, before } = command;
  if (after === undefined) return readLatest(log, topic, { before, limit });
  // Offsets of a lost log mean nothing in this one: all that is there comes after them.
  return log.read({ filter: topic, after: after.epoch === log.epoch ? after.offset : 0, limit, maxBytes: MAX_BYTES });
}

/** Messages of one look into the log: large ones must not all be in memory before they are counted. */
const CHUNK = 100;

/** The newest messages that fit into an answer, read backwards. */
async function readLatest(
  log: Log,
  topic: string,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<Page> {
  let page = await log.latest({ topic, limit: Math.min(limit, CHUNK), ...(before === undefined ? {} : { before }) });
  let { messages } = page;
  while (page.more && messages.length < limit && bytesOf(messages) < MAX_BYTES) {
    page = await log.latest({ topic, limit: Math.min(limit - messages.length, CHUNK), before: page.next });
    messages = [...page.messages, ...messages];
  }
  return { ...page, ...newest(messages, page) };
}

/** Drops the oldest until the rest fits; one message always does. */
function newest(messages: readonly Stored[], { next, more }: Page): Pick<Page, "messages" | "next" | "more"> {
  let left = bytesOf(messages);
  let first = 0;
  for (; left > MAX_BYTES && first < messages.length - 1; first++) left -= messages[first]?.message.payload.size ?? 0;
  if (first === 0) return { messages, next, more };
  return { messages: messages.slice(first), next: messages[first]?.offset ?? next, more: true };
}

function bytesOf(messages: readonly Stored[]): number {
  return messages.reduce((bytes, { message }) => bytes + message.payload.size, 0);
}
