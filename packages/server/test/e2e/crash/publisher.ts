import { JsonClient, type Json } from "../json-client.ts";

/** Publishes under way at a time. */
const WINDOW = 64;

export interface Acked {
  readonly topic: string;
  readonly offset: number;
}

/**
 * Publishes numbered messages to one topic, as fast as they are acknowledged. What has no answer when the connection
 * ends is sent again with its id, in order, before anything new.
 */
export class CrashPublisher {
  readonly name: string;
  readonly topic: string;
  /** Acknowledged messages by their ids. */
  readonly acked = new Map<string, Acked>();
  readonly faults: string[] = [];
  readonly #onAck: () => void;
  /** Numbers without an answer, oldest first. */
  #open = new Set<number>();
  #next = 1;
  #client: JsonClient | undefined;
  #stopped = false;

  constructor(name: string, topic: string, onAck: () => void) {
    this.name = name;
    this.topic = topic;
    this.#onAck = onAck;
  }

  get waiting(): number {
    return this.#open.size;
  }

  async connect(url: string): Promise<void> {
    const client = await JsonClient.connect(url);
    this.#client = client;
    for (const number of this.#open) this.#send(client, number);
    this.#fill(client);
  }

  /** Makes nothing new; resolves when all that was made is acknowledged. */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#client?.until(() => this.#open.size === 0);
    this.#client?.close();
  }

  #fill(client: JsonClient): void {
    while (!this.#stopped && this.#open.size < WINDOW) {
      const number = this.#next++;
      this.#open.add(number);
      this.#send(client, number);
    }
  }

  #send(client: JsonClient, number: number): void {
    const messageId = `${this.name}-${number}`;
    const publish = { topic: this.topic, data: number, messageId };
    void client.ask({ publish }).then((reply) => this.#answered(client, number, reply));
  }

  #answered(client: JsonClient, number: number, { publish, error }: Json): void {
    if (error !== undefined) return void this.faults.push(`${this.name}-${number}: ${JSON.stringify(error)}`);
    const { offset } = publish as { readonly offset: number };
    this.acked.set(`${this.name}-${number}`, { topic: this.topic, offset });
    this.#open.delete(number);
    this.#onAck();
    if (client === this.#client) this.#fill(client);
  }
}
