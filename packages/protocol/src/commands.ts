import {
  fields,
  filter,
  flag,
  headers,
  integer,
  name,
  object,
  optionalInteger,
  optionalName,
  position,
  priority,
  topic,
  wrong,
  type Raw,
} from "./check.ts";
import type { Command, PublishCommand } from "./command.ts";
import { LIMITS } from "./limits.ts";
import type { Payload } from "./payload.ts";

export type CommandKind = Command["kind"];

/** The fields of each command as JSON names them; the Protobuf ones differ only in the payload. */
export const COMMAND_FIELDS = {
  connect: ["token", "since", "client"],
  refresh: ["token"],
  subscribe: ["topic", "since", "retained", "presence", "window"],
  unsubscribe: ["topic"],
  publish: ["topic", "data", "text", "base64", "messageId", "priority", "headers", "retain"],
  ack: ["topic", "offset"],
  history: ["topic", "after", "before", "limit"],
  presence: ["topic", "count"],
  ping: [],
} as const satisfies Record<CommandKind, readonly string[]>;

export const COMMAND_KINDS = Object.keys(COMMAND_FIELDS) as readonly CommandKind[];

export function isCommandKind(key: string): key is CommandKind {
  return Object.hasOwn(COMMAND_FIELDS, key);
}

type Reader = (id: number | undefined, raw: Raw) => Command;

/** How each command but `publish` is read, whose payload differs between codecs. */
const READERS: Readonly<Record<Exclude<CommandKind, "publish">, Reader>> = {
  connect: (id, raw) => ({
    kind: "connect",
    id,
    token: optionalName(raw["token"], "connect.token", LIMITS.tokenChars),
    since: position(raw["since"], "connect.since"),
    client: optionalName(raw["client"], "connect.client", LIMITS.clientChars),
  }),
  refresh: (id, raw) => ({ kind: "refresh", id, token: name(raw["token"], "refresh.token", LIMITS.tokenChars) }),
  subscribe: (id, raw) => ({
    kind: "subscribe",
    id,
    topic: filter(raw["topic"], "subscribe.topic"),
    since: position(raw["since"], "subscribe.since"),
    retained: flag(raw["retained"], "subscribe.retained"),
    presence: presenceOption(raw["presence"]),
    window: optionalInteger(raw["window"], "subscribe.window", 1, LIMITS.ackWindow),
  }),
  unsubscribe: (id, raw) => ({ kind: "unsubscribe", id, topic: filter(raw["topic"], "unsubscribe.topic") }),
  ack: (id, raw) => ({
    kind: "ack",
    id,
    topic: filter(raw["topic"], "ack.topic"),
    offset: integer(raw["offset"], "ack.offset", 1, Number.MAX_SAFE_INTEGER),
  }),
  history: readHistory,
  presence: (id, raw) => ({
    kind: "presence",
    id,
    topic: topic(raw["topic"], "presence.topic"),
    countOnly: flag(raw["count"], "presence.count"),
  }),
  ping: (id) => ({ kind: "ping", id }),
};

export function readCommand(kind: Exclude<CommandKind, "publish">, id: number | undefined, raw: Raw): Command {
  fields(raw, kind, COMMAND_FIELDS[kind]);
  return READERS[kind](id, raw);
}

/** `raw` holds all fields but the payload; `raw.priority` is one of the words. */
export function readPublish(id: number | undefined, raw: Raw, payload: Payload): PublishCommand {
  return {
    kind: "publish",
    id,
    topic: topic(raw["topic"], "publish.topic"),
    payload,
    messageId: optionalName(raw["messageId"], "publish.messageId", LIMITS.messageIdChars),
    priority: priority(raw["priority"], "publish.priority"),
    headers: headers(raw["headers"], "publish.headers"),
    retain: flag(raw["retain"], "publish.retain"),
  };
}

function readHistory(id: number | undefined, raw: Raw): Command {
  const after = position(raw["after"], "history.after");
  const before = optionalInteger(raw["before"], "history.before", 1, Number.MAX_SAFE_INTEGER);
  if (after !== undefined && before !== undefined) wrong("history", "after and before exclude each other");
  return {
    kind: "history",
    id,
    topic: topic(raw["topic"], "history.topic"),
    after,
    before,
    limit: optionalInteger(raw["limit"], "history.limit", 1, LIMITS.historyPage),
  };
}

/** `true`, or `{info}` with the JSON text of an object, or with nothing. */
function presenceOption(value: unknown): { readonly info: string | undefined } | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return { info: undefined };
  const { info } = object(value, "subscribe.presence");
  return { info: optionalName(info, "subscribe.presence", LIMITS.presenceInfoChars) };
}
