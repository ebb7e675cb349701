import { protocolError, type Message, type ProtocolError } from "@tidegate/protocol";
import type { Clock } from "../clock.ts";
import type { Appended, Log } from "./log.ts";

/** Who gets the answer to a publish. One object for many publishes; `ticket` tells them apart. */
export interface Publisher {
  /** The message is stored as its namespace promises. */
  published(ticket: number | undefined, epoch: string, result: Appended): void;
  /** Nothing was stored. */
  refused(ticket: number | undefined, error: ProtocolError): void;
}

/** Why a message was not taken; undefined if it was. */
type Refusal = ProtocolError | undefined;

export interface AppenderSettings {
  /** Milliseconds that a commit waits for more messages; 0: what arrived in one turn of the event loop. */
  readonly commitDelay: number;
  /** Most messages of one commit: bounds how long one turn takes. */
  readonly commitMessages: number;
  /** Bounds of what waits for storage or is being stored. */
  readonly queueMessages: number;
  readonly queueBytes: number;
}

/**
 * Group commit: all messages of one turn of the event loop become one append, high priority first. What is not yet
 * stored is bounded; near the bound low priority is refused first, then normal, then high. So it is near the log's own bound.
 */
export class Appender {
  readonly log: Log;
  readonly #clock: Clock;
  readonly #settings: AppenderSettings;
  readonly #answered: () => void;
  readonly #lanes: readonly [Lane, Lane, Lane] = [new Lane(), new Lane(), new Lane()];
  #waiting = 0;
  #underWay = 0;
  #bytes = 0;
  #scheduled: "no" | "later" | "this turn" = "no";
  #idle: (() => void)[] = [];
  #stopped = false;

  /** `answered` is called after the publishers of one commit got their answers. */
  constructor(log: Log, clock: Clock, settings: AppenderSettings, answered: () => void) {
    this.log = log;
    this.#clock = clock;
    this.#settings = settings;
    this.#answered = answered;
  }

  /** Messages that are not stored yet. */
  get depth(): number {
    return this.#waiting + this.#underWay;
  }

  /** Takes the message for storage, or says why not; `publisher` is called exactly once if it was taken. */
  submit(message: Message, size: number, publisher: Publisher, ticket: number | undefined): Refusal {
    if (this.#stopped) return protocolError("draining", "this node is about to stop; send it again after connecting");
    return this.submitLast(message, size, publisher, ticket);
  }

  /** Like `submit`, for what the server itself has to say about the stop: it is taken after `stop`, too. */
  submitLast(message: Message, size: number, publisher: Publisher, ticket: number | undefined): Refusal {
    const share = SHARE[message.priority];
    if (share < 1 && (this.log.strain ?? 0) >= share)
      return protocolError("overloaded", "the log is nearly full; send it again after a moment");
    if (this.depth >= this.#settings.queueMessages * share || this.#bytes + size > this.#settings.queueBytes * share)
      return protocolError("overloaded", "too many messages wait to be stored; send it again after a moment");
    this.#lanes[message.priority].push(message, publisher, ticket);
    this.#waiting += 1;
    this.#bytes += size;
    this.#schedule();
    return undefined;
  }

  /** From now on messages of clients are refused: this node is about to stop. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when everything taken so far has been answered. */
  settled(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    const urgent = this.#settings.commitDelay === 0 || !this.#lanes[2].isEmpty;
    if (this.#scheduled === "this turn" || (this.#scheduled === "later" && !urgent)) return;
    this.#scheduled = urgent ? "this turn" : "later";
    if (urgent) this.#clock.endOfTurn(this.#commit);
    else this.#clock.after(this.#settings.commitDelay, this.#commit);
  }

  #commit = (): void => {
    this.#scheduled = "no";
    if (this.#waiting === 0) return;
    const batch = new Lane();
    for (const priority of [2, 1, 0] as const)
      this.#lanes[priority].moveTo(batch, this.#settings.commitMessages - batch.messages.length);
    this.#waiting -= batch.messages.length;
    this.#underWay += batch.messages.length;
    if (this.#waiting > 0) this.#schedule();
    void this.#store(batch);
  };

  async #store(batch: Lane): Promise<void> {
    try {
      const results = await this.log.append(batch.messages);
      const { publishers, tickets } = batch;
      const { epoch } = this.log;
      for (let i = 0; i < publishers.length; i++) {
        const result = results[i];
        if (result !== undefined) publishers[i]!.published(tickets[i], epoch, result);
      }
    } catch (error) {
      const refusal = protocolError("unavailable", `the message was not stored: ${(error as Error).message}`);
      for (const [i, publisher] of batch.publishers.entries()) publisher.refused(batch.tickets[i], refusal);
    } finally {
      this.#release(batch);
    }
  }

  #release(batch: Lane): void {
    this.#underWay -= batch.messages.length;
    for (const message of batch.messages) this.#bytes -= messageSize(message);
    this.#answered();
    if (this.depth > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

/** Bytes of memory that a message is counted with: its payload and a round figure for the rest. */
export function messageSize(message: Message): number {
  return message.payload.size + OVERHEAD;
}

const OVERHEAD = 256;
const SHARE = [0.5, 0.8, 1] as const;

/** What waits at one priority, as parallel arrays: no object for each message. */
class Lane {
  messages: Message[] = [];
  publishers: Publisher[] = [];
  tickets: (number | undefined)[] = [];

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  push(message: Message, publisher: Publisher, ticket: number | undefined): void {
    this.messages.push(message);
    this.publishers.push(publisher);
    this.tickets.push(ticket);
  }

  moveTo(other: Lane, limit: number): void {
    if (this.isEmpty || limit <= 0) return;
    if (other.isEmpty && this.messages.length <= limit) {
      [other.messages, other.publishers, other.tickets] = [this.messages, this.publishers, this.tickets];
      [this.messages, this.publishers, this.tickets] = [[], [], []];
      return;
    }
    for (const message of this.messages.splice(0, limit)) other.messages.push(message);
    for (const publisher of this.publishers.splice(0, limit)) other.publishers.push(publisher);
    for (const ticket of this.tickets.splice(0, limit)) other.tickets.push(ticket);
  }
}
