import type { Link, LinkHandler } from "../../src/client/link.ts";
import { MqttConnection } from "../../src/dialect/mqtt/connection.ts";
import type { Address } from "../../src/dialect/dialect.ts";
import type { Tally } from "../../src/measure/tally.ts";
import { bodyOf, PACKET } from "../../src/mqtt/packets.ts";

/** What the server says of a subscription that it refuses. [MQTT 3.1.1, 3.9.3; 5.0, 3.9.3: 0x80 and above] */
const REFUSED = 0x80;

/** Milliseconds that a server may take to accept a connection and its subscriptions. */
const PATIENCE = 20_000;

/** Connections that are being opened at the same time: below every listen backlog in use. */
const OPENING = 200;

/** An MQTT connection of the load: sets itself up with a few packets, then hands what comes to whoever extends it. */
export class MqttLoadClient implements LinkHandler {
  /** As faults call it. */
  readonly name: string;
  protected readonly tally: Tally;
  protected link: Link | undefined = undefined;
  readonly #address: Address;
  readonly #greeting: readonly Uint8Array[];
  readonly #set = Promise.withResolvers<void>();
  #repliesDue: number;

  /** `greeting`: CONNECT, and a SUBSCRIBE for each topic; each is answered by one packet. */
  constructor(name: string, address: Address, greeting: readonly Uint8Array[], tally: Tally) {
    this.name = name;
    this.tally = tally;
    this.#address = address;
    this.#greeting = greeting;
    this.#repliesDue = greeting.length;
  }

  /** Resolves when the server has accepted everything; rejects if it refuses something, or does not answer. */
  async open(): Promise<void> {
    this.link = await MqttConnection.open(this.#address, this);
    this.link.send(Buffer.concat(this.#greeting));
    const timer = setTimeout(() => this.fault(`${this.#repliesDue} answers never came`), PATIENCE);
    await this.#set.promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.link?.close();
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    const type = bytes[start]! >> 4;
    // CONNACK has its code before the properties of MQTT 5, SUBACK of one subscription at its end.
    const accepted =
      (type === PACKET.connack && bytes[bodyOf(bytes, start) + 1] === 0) ||
      (type === PACKET.suback && bytes[end - 1]! < REFUSED);
    if (!accepted) return this.fault(`unexpected: ${Buffer.from(bytes.subarray(start, end)).toString("hex")}`);
    this.#repliesDue -= 1;
    if (this.#repliesDue === 0) this.#set.resolve();
  }

  endOfRead(): void {}

  lost(reason: string): void {
    this.fault(`connection lost: ${reason}`);
  }

  protected fault(text: string): void {
    this.tally.fault(`${this.name}: ${text}`);
    this.#set.reject(new Error(`${this.name}: ${text}`));
  }
}

/** Resolves when all are connected and subscribed; rejects with the first refusal. */
export async function openAll(clients: readonly MqttLoadClient[]): Promise<void> {
  const waiting = clients.values();
  const openers = Array.from({ length: OPENING }, async () => {
    for (const client of waiting) await client.open();
  });
  await Promise.all(openers);
}
