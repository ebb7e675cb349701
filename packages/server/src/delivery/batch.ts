import type { Stored } from "@tidegate/protocol";
import type { Encoder, Frame } from "./connection.ts";

/** Messages that leave together to the receivers of one filter, encoded at most once for each kind of receiver. */
export class Batch {
  readonly messages: readonly Stored[];
  readonly #filter: string | undefined;
  readonly #frames = new Map<Encoder, Frame>();

  /** `filter` is undefined where it is the topic itself. */
  constructor(messages: readonly Stored[], filter: string | undefined) {
    this.messages = messages;
    this.#filter = filter;
  }

  frame(encoder: Encoder): Frame {
    let frame = this.#frames.get(encoder);
    if (frame === undefined) this.#frames.set(encoder, (frame = encodeAll(encoder, this.messages, this.#filter)));
    return frame;
  }
}

export function encodeAll(
  encoder: Encoder,
  messages: readonly Stored[],
  filter: string | undefined,
  redelivered = false,
): Frame {
  const first = messages[0];
  if (messages.length === 1 && first !== undefined) return encoder.message(first, filter, redelivered);
  if (encoder.messages !== undefined) return encoder.messages(messages);
  return encoder.join(messages.map((stored) => encoder.message(stored, filter, redelivered)));
}
