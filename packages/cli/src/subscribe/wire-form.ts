import type { Message } from "@tidegate/client";
import type { WireMessage } from "../text/message-line.ts";

/** A message of the SDK in the form in which HTTP and the wire have it: what is absent or a default is left out. */
export function wireForm({ topic, offset, previous, ...message }: Message): WireMessage {
  const { id, from, time, priority, headers, retain, redelivered } = message;
  return {
    topic,
    offset,
    previous,
    ...(id === undefined ? {} : { id }),
    ...(from === undefined ? {} : { from }),
    time,
    ...payload(message),
    ...(priority === "normal" ? {} : { priority }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(retain ? { retain } : {}),
    ...(redelivered ? { redelivered } : {}),
  };
}

function payload({ data, format }: Pick<Message, "data" | "format">): Pick<WireMessage, "data" | "text" | "base64"> {
  if (format === "text") return { text: data as string };
  return format === "binary" ? { base64: (data as Uint8Array).toBase64() } : { data };
}
