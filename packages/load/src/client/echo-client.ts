import type { Address, Dialect } from "../dialect/dialect.ts";
import { OPCODE, clientFrame } from "../websocket/frame.ts";
import type { Tally } from "../measure/tally.ts";
import { readDigits, writeDigits } from "../wire/digits.ts";
import { FIRST_ID, ID_WIDTH } from "../wire/lines.ts";
import type { Link, LinkHandler } from "./link.ts";

const ID_AT = '{"id":'.length;

/** Sends a small command, waits for its answer, sends the next: the round trip of the least work. */
export class EchoClient implements LinkHandler {
  readonly #dialect: Dialect;
  readonly #address: Address;
  readonly #tally: Tally;
  /** What an answer must look like, up to its id. */
  readonly #frame: Uint8Array;
  readonly #idAt: number;
  #connection: Link | undefined;
  #greeted = Promise.withResolvers<void>();
  #number = 0;
  #running = false;

  constructor(dialect: Dialect, address: Address, tally: Tally) {
    this.#dialect = dialect;
    this.#address = address;
    this.#tally = tally;
    // An echo gives it back; Tidegate answers with the same object.
    this.#frame = clientFrame(OPCODE.text, new TextEncoder().encode(`{"id":${FIRST_ID},"ping":{}}`));
    this.#idAt = this.#frame.length - `${FIRST_ID},"ping":{}}`.length;
  }

  /** Where the protocol has a first command, its answer is waited for. */
  async open(): Promise<void> {
    this.#connection = await this.#dialect.open(this.#address, this);
    const greeting = this.#dialect.connect(1, undefined);
    if (greeting === undefined) return;
    this.#connection.send(greeting);
    await this.#greeted.promise;
  }

  start(): void {
    this.#running = true;
    this.#send();
  }

  /** The answer that is due still comes; nothing is sent after it. */
  stop(): void {
    this.#running = false;
  }

  close(): void {
    this.#connection?.close();
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    if (this.#number === 0) return this.#greeted.resolve();
    const id = end - start > ID_AT + ID_WIDTH ? readDigits(bytes, start + ID_AT, ID_WIDTH) : Number.NaN;
    if (id !== FIRST_ID + this.#number)
      this.#tally.fault(`not the answer: ${new TextDecoder().decode(bytes.subarray(start, end))}`);
    this.#tally.acknowledged += 1;
    if (this.#running) this.#send();
  }

  endOfRead(): void {}

  lost(reason: string): void {
    this.#tally.fault(`connection lost: ${reason}`);
    this.#greeted.reject(new Error(reason));
  }

  #send(): void {
    this.#number += 1;
    this.#tally.sent += 1;
    writeDigits(this.#frame, this.#idAt, ID_WIDTH, FIRST_ID + this.#number);
    this.#connection?.send(this.#frame);
  }
}
