import { flag, integer, object, optionalInteger, text, type Raw } from "./check.ts";
import type { Member, Push, Reply, SubscribeState } from "./command.ts";
import { ERRORS, type ErrorReason } from "./codes.ts";
import type { ProtocolError } from "./error.ts";
import type { Stored } from "./message.ts";

/**
 * What a server sends, read again: for tools and tests. A client must skip what it does not know, so nothing here
 * refuses an unknown field.
 */

/** The fields of each reply as JSON names them. */
export const REPLY_FIELDS = {
  connect: ["session", "user", "ping", "expires", "personal"],
  refresh: ["expires"],
  subscribe: ["epoch", "offset", "recovered"],
  unsubscribe: [],
  publish: ["epoch", "offset", "duplicate"],
  ack: [],
  history: ["epoch", "messages", "more", "complete"],
  presence: ["count", "members"],
  ping: [],
  error: ["code", "reason", "message", "temporary"],
} as const satisfies Record<Reply["kind"], readonly string[]>;

const MESSAGE_FIELDS = [
  "topic",
  "offset",
  "previous",
  "id",
  "from",
  "time",
  "data",
  "text",
  "base64",
  "priority",
  "headers",
  "retain",
  "filter",
  "redelivered",
] as const;

/** The fields of each push as JSON names them. */
export const PUSH_FIELDS = {
  message: MESSAGE_FIELDS,
  join: ["topic", "members", "count"],
  leave: ["topic", "members", "count"],
  unsubscribed: ["topic", "error"],
  gap: ["topic", "after", "to"],
  reconnect: ["delay", "spread"],
} as const satisfies Record<Push["kind"], readonly string[]>;

export type ReplyKind = Reply["kind"];
export type PushKind = Push["kind"];

export function isReplyKind(key: string): key is ReplyKind {
  return Object.hasOwn(REPLY_FIELDS, key);
}

export function isPushKind(key: string): key is PushKind {
  return Object.hasOwn(PUSH_FIELDS, key);
}

/** How a codec reads the two things that differ between codecs. */
export interface Nested {
  stored(value: unknown): Stored;
  /** JSON text of what a member tells of itself. */
  info(value: unknown): string;
}

const MAX = Number.MAX_SAFE_INTEGER;

function count(value: unknown, path: string): number {
  return integer(value, path, 0, MAX);
}

function optionalText(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : text(value, path);
}

function optionalFlag(value: unknown, path: string): boolean | undefined {
  return value === undefined ? undefined : flag(value, path);
}

function list<T>(value: unknown, path: string, read: (item: unknown) => T): readonly T[] {
  return Array.isArray(value) ? value.map((item) => read(item)) : (object(value, path), []);
}

function state(raw: Raw, path: string): SubscribeState {
  return {
    epoch: optionalText(raw["epoch"], `${path}.epoch`),
    offset: optionalInteger(raw["offset"], `${path}.offset`, 0, MAX),
    recovered: optionalFlag(raw["recovered"], `${path}.recovered`),
  };
}

function member(value: unknown, nested: Nested): Member {
  const raw = object(value, "members");
  const info = raw["info"];
  return { user: text(raw["user"], "members.user"), info: info === undefined ? undefined : nested.info(info) };
}

/** Reasons of a newer server are read as the general one of their kind. */
function problem(value: unknown): ProtocolError {
  const raw = object(value, "error");
  const temporary = flag(raw["temporary"], "error.temporary");
  const reason = text(raw["reason"], "error.reason");
  const known = Object.hasOwn(ERRORS, reason) ? (reason as ErrorReason) : temporary ? "internal" : "invalid_argument";
  return {
    code: count(raw["code"], "error.code"),
    reason: known,
    message: text(raw["message"], "error.message"),
    temporary,
  };
}

const REPLIES: Readonly<Record<ReplyKind, (raw: Raw, nested: Nested) => Reply>> = {
  connect: readConnect,
  refresh: (raw) => ({ kind: "refresh", expires: optionalInteger(raw["expires"], "refresh.expires", 0, MAX) }),
  subscribe: (raw) => ({ kind: "subscribe", ...state(raw, "subscribe") }),
  unsubscribe: () => ({ kind: "unsubscribe" }),
  publish: (raw) => ({
    kind: "publish",
    epoch: text(raw["epoch"], "publish.epoch"),
    offset: count(raw["offset"], "publish.offset"),
    duplicate: flag(raw["duplicate"], "publish.duplicate"),
  }),
  ack: () => ({ kind: "ack" }),
  history: (raw, nested) => ({
    kind: "history",
    epoch: text(raw["epoch"], "history.epoch"),
    messages: list(raw["messages"], "history.messages", (item) => nested.stored(item)),
    more: flag(raw["more"], "history.more"),
    complete: flag(raw["complete"], "history.complete"),
  }),
  presence: (raw, nested) => ({
    kind: "presence",
    count: count(raw["count"], "presence.count"),
    members: raw["members"] === undefined ? undefined : members(raw["members"], nested),
  }),
  ping: () => ({ kind: "ping" }),
  error: (raw) => ({ kind: "error", error: problem(raw) }),
};

function members(value: unknown, nested: Nested): readonly Member[] {
  return list(value, "members", (item) => member(item, nested));
}

function readConnect(raw: Raw): Reply {
  const personal = raw["personal"] === undefined ? undefined : object(raw["personal"], "connect.personal");
  return {
    kind: "connect",
    session: text(raw["session"], "connect.session"),
    user: optionalText(raw["user"], "connect.user"),
    ping: count(raw["ping"], "connect.ping"),
    expires: optionalInteger(raw["expires"], "connect.expires", 0, MAX),
    personal: personal && {
      topic: text(personal["topic"], "connect.personal.topic"),
      ...state(personal, "connect.personal"),
    },
  };
}

export function readReply(kind: ReplyKind, raw: Raw, nested: Nested): Reply {
  return REPLIES[kind](raw, nested);
}

export function readPush(kind: PushKind, raw: Raw, nested: Nested): Push {
  switch (kind) {
    case "message":
      return {
        kind,
        stored: nested.stored(raw),
        filter: optionalText(raw["filter"], "message.filter"),
        redelivered: flag(raw["redelivered"], "message.redelivered"),
      };
    case "join":
    case "leave":
      return {
        kind,
        topic: text(raw["topic"], kind),
        members: members(raw["members"], nested),
        count: count(raw["count"], kind),
      };
    case "unsubscribed":
      return { kind, topic: text(raw["topic"], kind), error: problem(raw["error"]) };
    case "gap":
      return { kind, topic: text(raw["topic"], kind), after: count(raw["after"], kind), to: count(raw["to"], kind) };
    case "reconnect":
      return { kind, delay: count(raw["delay"], kind), spread: count(raw["spread"], kind) };
  }
}
