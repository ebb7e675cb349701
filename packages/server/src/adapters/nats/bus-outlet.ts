import type { NatsConnection } from "@nats-io/transport-node";

/**
 * What leaves for the bus. A server that stands still is noticed after seconds, and all that is published meanwhile would wait in
 * memory: so from time to time the server is asked whether it has what was sent, and past a bound nothing more is.
 */
export class BusOutlet {
  readonly #connection: NatsConnection;
  readonly #warn: (message: string) => void;
  /** Bytes that the server may not have yet. */
  #unconfirmed = 0;
  #confirming = false;
  #dropped = 0;
  #maxPayload = 0;

  constructor(connection: NatsConnection, warn: (message: string) => void) {
    this.#connection = connection;
    this.#warn = warn;
  }

  /** Bytes. While the connection is away: what the server took before. */
  get maxPayload(): number {
    const { info } = this.#connection;
    if (info !== undefined) this.#maxPayload = info.max_payload;
    return this.#maxPayload;
  }

  /** @throws RangeError if the server would refuse it: it closes the connection then */
  check({ length }: Uint8Array): void {
    const max = this.maxPayload;
    if (length > max)
      throw new RangeError(`a payload of ${length} bytes is too long for the bus: max_payload of NATS is ${max}`);
  }

  send(subject: string, payload: Uint8Array): void {
    if (this.#unconfirmed > MAX_UNCONFIRMED) return this.#drop();
    this.#connection.publish(subject, payload);
    this.#unconfirmed += payload.length + subject.length;
    if (this.#unconfirmed > ASK_FROM && !this.#confirming) void this.#confirm();
  }

  async #confirm(): Promise<void> {
    this.#confirming = true;
    const asked = this.#unconfirmed;
    try {
      await this.#connection.flush();
      this.#unconfirmed -= asked;
    } catch {
      // With the connection, what waited in it is gone.
      this.#unconfirmed = 0;
    }
    this.#confirming = false;
    this.#tell();
  }

  #drop(): void {
    this.#dropped += 1;
    if (this.#dropped === 1) this.#warn(`the bus: NATS does not take what is sent, and ${MAX_UNCONFIRMED} bytes wait`);
  }

  #tell(): void {
    if (this.#dropped > 0) this.#warn(`the bus: goes on; ${this.#dropped} payloads were dropped meanwhile`);
    this.#dropped = 0;
  }
}

/** Bytes: a server on the same network has so much in some milliseconds. */
const ASK_FROM = 256 * 1024;
const MAX_UNCONFIRMED = 16 * 1024 * 1024;
