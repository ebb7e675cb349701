import type { Message } from "@tidegate/client";

/** A message as a subscription gives it. */
export function message(offset: number, more: Partial<Message> = {}): Message {
  return {
    topic: "chat/r",
    offset,
    previous: offset - 1,
    data: { text: `m${offset}`, name: "Bea", sender: "b" },
    format: "json",
    id: undefined,
    from: undefined,
    time: 1_700_000_000_000 + offset * 1000,
    priority: "normal",
    headers: {},
    retain: false,
    redelivered: false,
    ...more,
  };
}

export function by(sender: string, offset: number, more: Partial<Message> = {}): Message {
  return message(offset, { data: { text: `m${offset}`, name: sender, sender }, ...more });
}
