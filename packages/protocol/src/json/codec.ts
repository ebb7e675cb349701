import type { Codec } from "../codec.ts";
import { decodeServer, encodeCommand } from "./client.ts";
import { decodeJson } from "./decode.ts";
import { encodePush, encodeReply } from "./encode.ts";
import { messageBody, wrapMessage } from "./message.ts";

/** `tidegate.v1.json`: one JSON object a line in text frames. */
export const jsonCodec = {
  kind: "json",
  subprotocol: "tidegate.v1.json",
  decode: decodeJson,
  reply: encodeReply,
  message: (stored, filter, redelivered) => wrapMessage(messageBody(stored), filter, redelivered),
  body: messageBody,
  wrap: wrapMessage,
  push: encodePush,
  join: (frames) => frames.join("\n"),
  encodeCommand,
  decodeServer,
} as const satisfies Codec<string>;
