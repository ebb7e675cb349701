import type { PublishCommand } from "../command.ts";
import { readPublish } from "../commands.ts";
import type { Reader } from "./reader.ts";
import { payloadOf, priorityWord, readHeader } from "./values.ts";

/** `field << 3 | type` of `Publish`. */
const TOPIC = 0x0a;
const FORMAT = 0x10;
const PAYLOAD = 0x1a;
const MESSAGE_ID = 0x22;
const PRIORITY = 0x28;
const HEADERS = 0x32;
const RETAIN = 0x38;

/** The hot command, by hand. */
export function decodePublish(id: number | undefined, reader: Reader): PublishCommand {
  let topic: string | undefined;
  let format = 0;
  let payload: Uint8Array | undefined;
  let messageId: string | undefined;
  let priority = 0;
  let headers: Record<string, string> | undefined;
  let retain = false;
  while (reader.more) {
    const tag = reader.tag();
    if (tag === TOPIC) topic = reader.string();
    else if (tag === FORMAT) format = reader.uint32();
    else if (tag === PAYLOAD) payload = reader.bytes();
    else if (tag === MESSAGE_ID) messageId = reader.string();
    else if (tag === PRIORITY) priority = reader.uint32();
    else if (tag === HEADERS) readHeader(reader.nested(), (headers ??= {}));
    else if (tag === RETAIN) retain = reader.bool();
    else reader.skip(tag);
  }
  const raw = {
    topic: topic || undefined,
    messageId: messageId || undefined,
    priority: priorityWord(priority),
    headers,
    retain,
  };
  return readPublish(id, raw, payloadOf(format, payload, "publish.payload"));
}
