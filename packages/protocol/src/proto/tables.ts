import type { CommandKind } from "../commands.ts";
import type { PushKind, ReplyKind } from "../replies.ts";
import { field, type Schema } from "./schema.ts";

/** tidegate.proto as tables; a test compares them with the code that protoc's plugin made of that file. */

const POSITION: Schema = [field("epoch", 1, "string"), field("offset", 2, "uint64", "default")];
const TOPIC: Schema = [field("topic", 1, "string")];
const MEMBER: Schema = [field("user", 1, "string", "default"), field("info", 2, "string")];
const MEMBER_LIST: Schema = [field("members", 1, MEMBER, "list")];

export const COMMANDS: Readonly<Record<Exclude<CommandKind, "publish">, Schema>> = {
  connect: [field("token", 1, "string"), field("since", 2, POSITION), field("client", 3, "string")],
  refresh: [field("token", 1, "string")],
  subscribe: [
    field("topic", 1, "string"),
    field("since", 2, POSITION),
    field("retained", 3, "bool"),
    field("presence", 4, [field("info", 1, "string")]),
    field("window", 5, "uint32"),
  ],
  unsubscribe: TOPIC,
  ack: [field("topic", 1, "string"), field("offset", 2, "uint64")],
  history: [
    field("topic", 1, "string"),
    field("after", 2, POSITION),
    field("before", 3, "uint64"),
    field("limit", 4, "uint32"),
  ],
  presence: [field("topic", 1, "string"), field("count", 2, "bool")],
  ping: [],
};

/** Numbers of the members of both oneofs, and of `id` before them. */
export const ID = 1;
export const COMMAND_NUMBERS: Readonly<Record<CommandKind, number>> = {
  connect: 2,
  refresh: 3,
  subscribe: 4,
  unsubscribe: 5,
  publish: 6,
  ack: 7,
  history: 8,
  presence: 9,
  ping: 10,
};

export const FRAME_NUMBERS: Readonly<Record<ReplyKind | PushKind, number>> = {
  ...COMMAND_NUMBERS,
  error: 11,
  message: 12,
  join: 13,
  leave: 14,
  unsubscribed: 15,
  gap: 16,
  reconnect: 17,
};

const ERROR: Schema = [
  field("code", 1, "uint32", "default"),
  field("reason", 2, "string", "default"),
  field("message", 3, "string", "default"),
  field("temporary", 4, "bool"),
];

const PERSONAL: Schema = [
  field("topic", 1, "string", "default"),
  field("epoch", 2, "string"),
  field("offset", 3, "uint64", "optional"),
  field("recovered", 4, "bool", "optional"),
];

const MEMBERS: Schema = [
  field("topic", 1, "string", "default"),
  field("members", 2, MEMBER, "list"),
  field("count", 3, "uint32", "default"),
];

/** Replies and pushes but `message`, which is written by hand. */
export const FRAMES: Readonly<Record<ReplyKind | Exclude<PushKind, "message">, Schema>> = {
  connect: [
    field("session", 1, "string", "default"),
    field("user", 2, "string"),
    field("ping", 3, "uint32", "default"),
    field("expires", 4, "uint64"),
    field("personal", 5, PERSONAL),
  ],
  refresh: [field("expires", 1, "uint64")],
  subscribe: [
    field("epoch", 1, "string"),
    field("offset", 2, "uint64", "optional"),
    field("recovered", 3, "bool", "optional"),
  ],
  unsubscribe: [],
  publish: [
    field("epoch", 1, "string", "default"),
    field("offset", 2, "uint64", "default"),
    field("duplicate", 3, "bool", "default"),
  ],
  ack: [],
  history: [
    field("epoch", 1, "string", "default"),
    field("messages", 2, "bytes", "list"),
    field("more", 3, "bool", "default"),
    field("complete", 4, "bool", "default"),
  ],
  presence: [field("count", 1, "uint32", "default"), field("members", 2, MEMBER_LIST)],
  ping: [],
  error: ERROR,
  join: MEMBERS,
  leave: MEMBERS,
  unsubscribed: [field("topic", 1, "string", "default"), field("error", 2, ERROR)],
  gap: [
    field("topic", 1, "string", "default"),
    field("after", 2, "uint64", "default"),
    field("to", 3, "uint64", "default"),
  ],
  reconnect: [field("delay", 1, "uint32", "default"), field("spread", 2, "uint32", "default")],
};

/** `Format` by its number. */
export const FORMATS = ["binary", "json", "text"] as const;
/** Ours (0 low, 1 normal, 2 high) by `Priority`'s number, and back. */
export const PRIORITY_OF = [1, 0, 2] as const;
export const PRIORITY_NUMBER = [1, 0, 2] as const;
