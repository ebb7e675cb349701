import type { Codec } from "../codec.ts";
import { decodeServer, encodeCommand } from "./client.ts";
import { decodeProto } from "./decode.ts";
import { concat, encodePush, encodeReply } from "./encode.ts";
import { messageBody, wrapMessage } from "./message.ts";

/** `tidegate.v1.proto`: length-delimited Protobuf messages in binary frames. */
export const protoCodec = {
  kind: "proto",
  subprotocol: "tidegate.v1.proto",
  decode: decodeProto,
  reply: encodeReply,
  message: (stored, filter, redelivered) => wrapMessage(messageBody(stored), filter, redelivered),
  body: messageBody,
  wrap: wrapMessage,
  push: encodePush,
  join: concat,
  encodeCommand,
  decodeServer,
} as const satisfies Codec<Uint8Array>;
