import type { FieldTable } from "./spec.ts";

const STEP = {
  send: { kind: "text", about: "Frame to send; nothing is sent if it is absent." },
  expect: { kind: "text", about: "Pattern of the frame to wait for before going on." },
} as const satisfies FieldTable;

const ANSWER = {
  match: { kind: "text", required: true, about: "Pattern of a frame of the server." },
  send: { kind: "text", required: true, about: "Frame that answers it." },
} as const satisfies FieldTable;

/**
 * Frames of any server that speaks text over WebSocket. Frames are templates: {id} (a number of the connection's own,
 * unique and of fixed width for publishes), {topic}, {room}, {client}, {token}, {payload} (JSON), {text} (the same
 * without JSON around it). Patterns are templates in which `*` stands for anything and {id} for the id that was sent.
 */
export const WEBSOCKET = {
  subprotocol: { kind: "text", about: "Sec-WebSocket-Protocol." },
  split: {
    kind: "choice",
    choices: ["none", "newline"],
    default: "none",
    about: "Whether one frame may hold several messages, split by newlines.",
  },
  connect: { kind: "groups", fields: STEP, default: [], about: "Steps after the upgrade, in order." },
  subscribe: { kind: "group", fields: STEP, about: "Step for each topic." },
  publish: { kind: "group", fields: STEP, about: "Frame of a message, and the pattern of its acknowledgement." },
  heartbeat: { kind: "text", about: "Frame of a heartbeat; a WebSocket ping if it is absent." },
  answers: { kind: "groups", fields: ANSWER, default: [], about: "Frames of the server that want an answer." },
  delivery: {
    kind: "text",
    default: "*",
    about:
      "Pattern of a delivered message; the mark is found in it. A number at {id} must grow from message to message of a topic, " +
      "else the later one counts as reordered.",
  },
  error: { kind: "texts", default: [], about: "Patterns of errors." },
} as const satisfies FieldTable;

/** Requests of `http-publish`, with the variables of the templates. */
export const HTTP = {
  method: { kind: "choice", choices: ["POST", "PUT", "GET"], default: "POST", about: "Method of a publish." },
  path: { kind: "text", default: "/v1/publish", about: "Path of a publish." },
  body: { kind: "text", default: '{"topic":"{topic}","data":{payload}}', about: "Body of a publish." },
  contentType: { kind: "text", default: "application/json", about: "Its Content-Type." },
  close: { kind: "boolean", default: false, about: "A new connection for each call." },
} as const satisfies FieldTable;

/** Requests of `sse`. */
export const SSE = {
  path: { kind: "text", default: "/v1/subscribe?topic={topic}", about: "Path of a subscription; {topic} is escaped." },
} as const satisfies FieldTable;
