import type { Dialect, PublishFrame } from "../dialect/dialect.ts";
import { markedPayload, writeMark } from "../wire/mark.ts";
import { Acknowledged } from "./acknowledged.ts";

export interface PublisherOptions {
  readonly dialect: Pick<Dialect, "publish" | "numberOf">;
  /** Number of this publisher in the marks. */
  readonly index: number;
  readonly topic: string;
  readonly payloadBytes: number;
}

/** Writes the publishes of one client: one frame made once, in which id and mark are changed for each message. */
export class Publisher {
  readonly #index: number;
  readonly #dialect: PublisherOptions["dialect"];
  readonly #frame: PublishFrame;
  readonly #acknowledged = new Acknowledged();
  #sent = 0;

  constructor({ dialect, index, topic, payloadBytes }: PublisherOptions) {
    this.#dialect = dialect;
    this.#index = index;
    this.#frame = dialect.publish(topic, markedPayload(payloadBytes));
  }

  get sent(): number {
    return this.#sent;
  }

  get outstanding(): number {
    return this.#sent - this.#acknowledged.count;
  }

  /** The next message's frame; the same bytes are used for the one after it. */
  next(micros: number): Uint8Array {
    this.#sent += 1;
    const { bytes, markAt } = this.#frame;
    this.#frame.setNumber(this.#sent);
    writeMark(bytes, markAt, this.#index, this.#sent, micros);
    return bytes;
  }

  /** `count` messages in one run of bytes. */
  many(count: number, micros: number): Uint8Array {
    if (count === 1) return this.next(micros);
    const { length } = this.#frame.bytes;
    const frames = new Uint8Array(count * length);
    for (let i = 0; i < count; i++) frames.set(this.next(micros), i * length);
    return frames;
  }

  /** What is wrong with the answer to the publish `id`, if anything is. */
  accepted(id: number): string | undefined {
    return this.#acknowledged.note(this.#dialect.numberOf(id, this.#sent), this.#sent);
  }
}
