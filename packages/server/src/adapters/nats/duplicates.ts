import type { Message } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { LogUnavailable, type Appended, type RetentionOf } from "../../log/log.ts";
import type { Chain } from "./chain.ts";
import type { Direct } from "./direct.ts";

export interface DuplicatesParts {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly chain: Chain;
  readonly retention: RetentionOf;
}

export interface First extends Pick<Appended, "stored"> {
  /** Whether its topic's window still covers it: the server has one window for all topics, the longest. */
  readonly inWindow: boolean;
}

/** Finds the message that was stored first with an id. */
export class Duplicates {
  readonly #parts: DuplicatesParts;

  constructor(parts: DuplicatesParts) {
    this.#parts = parts;
  }

  async first(message: Message, offset: number): Promise<First> {
    const { clock, direct, chain, retention } = this.#parts;
    const raw = await direct.at(offset);
    // It was removed to make room: only its id is known.
    if (raw === undefined) return { stored: { offset, previous: chain.unknown(offset) }, inWindow: true };
    const [link] = await chain.link([raw], offset - 1);
    if (link === undefined) throw new LogUnavailable("the stream has a message that cannot be read");
    return { stored: link, inWindow: clock.now() - link.at < retention(message.topic).idWindow };
  }
}
