import { TidegateError } from "./errors.ts";
import type { Member, Message, Position, Priority } from "./message.ts";
import { decodePayload } from "./payload.ts";

/** The subprotocol `tidegate.v1.json`, as docs/spec/wire.md has it. */
export const SUBPROTOCOL = "tidegate.v1.json";

/** Replies by the name of their command. */
export interface Replies {
  connect: {
    readonly session: string;
    readonly user?: string;
    /** Seconds. */
    readonly ping: number;
    readonly expires?: number;
    readonly personal?: PersonalTopic;
  };
  refresh: { readonly expires?: number };
  subscribe: SubscribeReply;
  unsubscribe: object;
  publish: Published;
  ack: object;
  history: HistoryPage<unknown>;
  presence: Presence;
  ping: object;
}

export type CommandKind = keyof Replies;

export interface SubscribeReply {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
}

export interface PersonalTopic extends SubscribeReply {
  readonly topic: string;
}

export interface HistoryPage<T> {
  readonly epoch: string;
  /** Oldest first. */
  readonly messages: readonly Message<T>[];
  readonly more: boolean;
  /** False if messages after the asked position were already removed, or the log is a new one. */
  readonly complete: boolean;
}

/** Where a publish was stored. */
export interface Published extends Position {
  /** The message id was known: this is the position of the first one. */
  readonly duplicate: boolean;
}

export interface Presence {
  readonly count: number;
  /** Absent if only the count was asked for. */
  readonly members?: readonly Member[];
}

export type Incoming =
  | { readonly kind: "reply"; readonly id: number; readonly command: string; readonly body: unknown }
  | { readonly kind: "error"; readonly id: number | undefined; readonly error: TidegateError }
  | Push;

export type Push =
  | { readonly kind: "message"; readonly key: string; readonly message: Message }
  | {
      readonly kind: "join" | "leave";
      readonly topic: string;
      readonly members: readonly Member[];
      readonly count: number;
    }
  | { readonly kind: "unsubscribed"; readonly topic: string; readonly error: TidegateError }
  | { readonly kind: "gap"; readonly topic: string; readonly after: number; readonly to: number }
  | { readonly kind: "reconnect"; readonly delay: number; readonly spread: number };

type Raw = Readonly<Record<string, unknown>>;

/** One line of a frame. Undefined for a push that this version does not know. Throws on what is not of the protocol. */
export function decodeLine(line: string): Incoming | undefined {
  const raw = object(JSON.parse(line));
  const id = typeof raw["id"] === "number" ? raw["id"] : undefined;
  if (raw["error"] !== undefined) return { kind: "error", id, error: serverError(raw["error"]) };
  const entry = Object.entries(raw).find(([key]) => key !== "id");
  if (entry === undefined) throw new TypeError("an object with no content");
  const [command, value] = entry;
  const body = object(value);
  if (id !== undefined) return { kind: "reply", id, command, body: command === "history" ? history(body) : body };
  return PUSHES[command]?.(body);
}

const PUSHES: Readonly<Record<string, (body: Raw) => Push>> = {
  message: (body) => {
    const decoded = message(body);
    return {
      kind: "message",
      key: typeof body["filter"] === "string" ? body["filter"] : decoded.topic,
      message: decoded,
    };
  },
  join: (body) => ({ kind: "join", ...membership(body) }),
  leave: (body) => ({ kind: "leave", ...membership(body) }),
  unsubscribed: (body) => ({ kind: "unsubscribed", topic: string(body["topic"]), error: serverError(body["error"]) }),
  gap: (body) => ({ kind: "gap", topic: string(body["topic"]), after: number(body["after"]), to: number(body["to"]) }),
  reconnect: (body) => ({ kind: "reconnect", delay: number(body["delay"]), spread: number(body["spread"]) }),
};

function message(raw: Raw): Message {
  return {
    topic: string(raw["topic"]),
    offset: number(raw["offset"]),
    previous: number(raw["previous"]),
    ...decodePayload(raw),
    id: raw["id"] as string | undefined,
    from: raw["from"] as string | undefined,
    time: number(raw["time"]),
    priority: (raw["priority"] as Priority | undefined) ?? "normal",
    headers: (raw["headers"] as Record<string, string> | undefined) ?? {},
    retain: raw["retain"] === true,
    redelivered: raw["redelivered"] === true,
  };
}

function history(raw: Raw): Replies["history"] {
  return {
    epoch: string(raw["epoch"]),
    messages: (raw["messages"] as unknown[]).map((each) => message(object(each))),
    more: raw["more"] === true,
    complete: raw["complete"] === true,
  };
}

function membership(raw: Raw) {
  return {
    topic: string(raw["topic"]),
    members: (raw["members"] as Member[] | undefined) ?? [],
    count: number(raw["count"]),
  };
}

function serverError(value: unknown): TidegateError {
  const raw = object(value);
  const code = number(raw["code"]);
  return new TidegateError(string(raw["reason"]), string(raw["message"]), {
    code,
    temporary: raw["temporary"] === true,
  });
}

function object(value: unknown): Raw {
  return typeof value === "object" && value !== null ? (value as Raw) : wrong("an object", value);
}

function string(value: unknown): string {
  return typeof value === "string" ? value : wrong("text", value);
}

function number(value: unknown): number {
  return typeof value === "number" ? value : wrong("a number", value);
}

function wrong(want: string, value: unknown): never {
  throw new TypeError(`${want} was expected, not ${value === null ? "null" : typeof value}`);
}
