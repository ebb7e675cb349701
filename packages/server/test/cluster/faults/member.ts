import { Client, type ClientOptions, TidegateError } from "@tidegate/client";
import type { Ledger } from "./ledger.ts";
import { Reader } from "./reader.ts";

export interface MemberOptions {
  readonly name: string;
  readonly url: string;
  /** What it gets. */
  readonly topics: readonly string[];
  /** One subscription for all of them; without it, each has its own. */
  readonly filter?: string;
  readonly ledger: Ledger;
  readonly client?: ClientOptions;
}

/** A time without everything: no connection, or a subscription that is not live. Milliseconds of `performance.now()`. */
export interface Absence {
  readonly from: number;
  readonly until: number;
  /** When the server asked to connect elsewhere, if it did. */
  readonly asked: number | undefined;
}

/** An SDK client under observation: what it got, what it published, and when it was not whole. */
export class Member {
  readonly name: string;
  readonly readers: readonly Reader[];
  readonly absences: Absence[] = [];
  readonly #client: Client;
  readonly #subscriptions: readonly ReturnType<Client["subscribe"]>[];
  readonly #ledger: Ledger;
  readonly #numbers = new Map<string, number>();
  #since: number | undefined;
  #asked: number | undefined;
  #closing = false;
  #connected = false;
  /** Connections that ended by themselves. */
  lost = 0;

  constructor({ name, url, topics, filter, ledger, client = {} }: MemberOptions) {
    this.name = name;
    this.#ledger = ledger;
    this.#client = new Client(url, { clientName: name, report: (error) => this.#reported(error), ...client });
    this.readers = topics.map((topic) => new Reader(name, topic, ledger));
    this.#subscriptions =
      filter === undefined
        ? this.readers.map((reader) => this.#follow(reader.topic, () => reader))
        : [this.#follow(filter, (topic) => this.readers.find((reader) => reader.topic === topic))];
    this.#since = performance.now();
    this.#client.on("state", ({ kind }) => this.#moved(kind === "connected"));
    this.#client.on("reconnect", () => (this.#asked = performance.now()));
    this.#client.connect();
  }

  get isWhole(): boolean {
    return this.#since === undefined;
  }

  /** When the present absence began. */
  get absentSince(): number | undefined {
    return this.#since;
  }

  /** Publishes without a reply. */
  get pending(): number {
    return this.#client.pending;
  }

  /** Publishes the next of this member's messages on a topic; what becomes of it is in the ledger. */
  publish(topic: string): void {
    const number = (this.#numbers.get(topic) ?? 0) + 1;
    this.#numbers.set(topic, number);
    const messageId = `${this.name}@${topic}-${number}`;
    this.#client.publish(topic, { number }, { messageId }).then(
      ({ offset }) => this.#ledger.ack(topic, messageId, offset),
      (error: TidegateError) => this.#refused(messageId, error),
    );
  }

  /** Tells the ledger what never came. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    for (const reader of this.readers) reader.close();
    await this.#client.close();
  }

  #follow(filter: string, readerOf: (topic: string) => Reader | undefined): ReturnType<Client["subscribe"]> {
    const subscription = this.#client.subscribe(filter, {}, (message) => readerOf(message.topic)?.take(message));
    const fault = (what: string): void => this.#ledger.fault(`${this.name}, ${filter}: ${what}`);
    subscription.on("gap", ({ after, to, cause }) => fault(`a gap from ${after} to ${to}: ${cause}`));
    subscription.on("recovered", ({ recovered }) => recovered || fault("it was not recovered"));
    subscription.on("ended", ({ error }) => this.#closing || fault(`it ended: ${error?.message}`));
    subscription.on("state", () => this.#look());
    return subscription;
  }

  #moved(connected: boolean): void {
    if (this.#connected && !connected && !this.#closing) this.lost += 1;
    this.#connected = connected;
    this.#look();
  }

  /** A subscription that repairs is given everything in order, only later: it is not whole yet. */
  #look(): void {
    const whole =
      this.#client.state.kind === "connected" && this.#subscriptions.every(({ state }) => state.kind === "live");
    const now = performance.now();
    if (!whole) return void (this.#since ??= now);
    if (this.#since === undefined) return;
    this.absences.push({ from: this.#since, until: now, asked: this.#asked });
    this.#since = this.#asked = undefined;
  }

  #refused(id: string, error: TidegateError): void {
    if (!this.#closing) this.#ledger.fault(`${id} was refused for good: ${error.reason}, ${error.message}`);
  }

  /** Faults of the connection that no promise tells. */
  #reported(error: unknown): void {
    if (!(error instanceof TidegateError && error.temporary)) this.#ledger.fault(`${this.name}: ${String(error)}`);
  }
}
