import type { Dialect } from "../dialect/dialect.ts";
import { OPCODE, clientFrame } from "../websocket/frame.ts";
import { writeDigits } from "../wire/digits.ts";
import { FIRST_ID } from "../wire/lines.ts";
import { MARK_START, markedPayload, writeMark } from "../wire/mark.ts";
import { Acknowledged } from "./acknowledged.ts";

const ID_WIDTH = 9;

export interface PublisherOptions {
  readonly dialect: Dialect;
  /** Number of this publisher in the marks. */
  readonly index: number;
  readonly topic: string;
  readonly payloadBytes: number;
}

/** Writes the publishes of one client: one frame made once, in which id and mark are changed for each message. */
export class Publisher {
  readonly #index: number;
  readonly #frame: Uint8Array;
  readonly #idAt: number;
  readonly #markAt: number;
  readonly #acknowledged = new Acknowledged();
  #sent = 0;

  constructor({ dialect, index, topic, payloadBytes }: PublisherOptions) {
    const command = dialect.publish(FIRST_ID, topic, markedPayload(payloadBytes));
    this.#index = index;
    this.#frame = clientFrame(OPCODE.text, new TextEncoder().encode(command));
    this.#idAt = Buffer.from(this.#frame.buffer).indexOf(String(FIRST_ID));
    this.#markAt = this.#frame.indexOf(MARK_START);
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
    writeDigits(this.#frame, this.#idAt, ID_WIDTH, FIRST_ID + this.#sent);
    writeMark(this.#frame, this.#markAt, this.#index, this.#sent, micros);
    return this.#frame;
  }

  /** `count` messages in one run of bytes. */
  many(count: number, micros: number): Uint8Array {
    if (count === 1) return this.next(micros);
    const frames = new Uint8Array(count * this.#frame.length);
    for (let i = 0; i < count; i++) frames.set(this.next(micros), i * this.#frame.length);
    return frames;
  }

  /** What is wrong with the answer to the command `id`, if anything is. */
  accepted(id: number): string | undefined {
    return this.#acknowledged.note(id - FIRST_ID, this.#sent);
  }
}
