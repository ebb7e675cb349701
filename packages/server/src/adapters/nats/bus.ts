import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../clock.ts";
import { BusUnavailable, type Bus, type BusSubject, type BusSubscription } from "../../cluster/bus.ts";
import { subjectText } from "../../cluster/subject.ts";
import { Watchers } from "../../cluster/watchers.ts";
import { handled, listen } from "./bus-inlet.ts";
import { BusOutlet } from "./bus-outlet.ts";
import { Exchange } from "./exchange.ts";
import { Head } from "./head.ts";
import { openConnection, watchConnection } from "./link.ts";
import { DEFAULTS, type NatsAccess } from "./options.ts";

export interface NatsBusOptions extends NatsAccess {
  /** Name of the cluster of gateways, one word of a subject: clusters with different names do not hear each other. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Milliseconds until a probe, or a subscription that is to come into force, counts as failed. Default 5000. */
  readonly timeout?: number;
}

/**
 * Connects. Rejects with `BusUnavailable` if there is no NATS. The bus has a connection of its own: what it carries is small and
 * says who is alive, and must not queue behind the messages of the logs.
 */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const prefix = `${subjectText([options.cluster])}.bus.`;
  const connection = await openConnection(options).catch((error: Error) => {
    throw new BusUnavailable(error.message, { cause: error });
  });
  return new NatsBus(connection, prefix, options);
}

/** Core NATS: at most once, nothing is stored. */
class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #prefix: string;
  readonly #options: NatsBusOptions;
  readonly #exchange: Exchange;
  readonly #outlet: BusOutlet;
  readonly #watchers = new Watchers<(isUp: boolean) => void>();
  #state: "up" | "down" | "closed" = "up";

  constructor(connection: NatsConnection, prefix: string, options: NatsBusOptions) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#options = options;
    this.#exchange = new Exchange(connection, options.clock, options.timeout ?? DEFAULTS.timeout);
    this.#outlet = new BusOutlet(connection, options.warn);
    const events = { down: () => this.#become("down"), up: () => this.#become("up"), warn: options.warn };
    void watchConnection(connection, events);
  }

  get maxPayload(): number {
    return this.#outlet.maxPayload;
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  publish(subject: BusSubject, payload: Uint8Array): void {
    const text = this.#text(subject);
    this.#outlet.check(payload);
    if (this.isUp) this.#outlet.send(text, payload);
  }

  subscribe(subject: BusSubject, handler: (payload: Uint8Array) => void): BusSubscription {
    // The copy does not hold the whole chunk that it came in.
    return this.#listen(subject, (message) => handler(message.data.slice()));
  }

  answer(subject: BusSubject, handler: (payload: Uint8Array) => Promise<Uint8Array>): BusSubscription {
    let underWay = 0;
    const take = (message: Msg): void => {
      if (underWay >= MAX_ANSWERS) return this.#options.warn(`the bus: over ${MAX_ANSWERS} questions at once`);
      underWay += 1;
      handler(message.data.slice())
        .then((answer) => this.#respond(message, answer))
        // As the port says: no answer.
        .catch(() => {})
        .finally(() => (underWay -= 1));
    };
    return this.#listen(subject, take, QUEUE);
  }

  async request(subject: BusSubject, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    const text = this.#text(subject);
    this.#outlet.check(payload);
    this.#checkUp();
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const forget = this.#exchange.send(text, payload, (answer) => {
      if (answer === undefined) reject(new BusUnavailable("the connection to NATS was lost"));
      else if (isNobody(answer)) reject(new BusUnavailable(`nobody answers on ${text}`));
      else resolve(answer.data.slice());
      return true;
    });
    return this.#within(promise, reject, { timeout, what: `an answer on ${text}` }).finally(forget);
  }

  watch(changed: (isUp: boolean) => void): () => void {
    return this.#watchers.add(changed);
  }

  async probe(): Promise<void> {
    this.#checkUp();
    await this.#flush("the bus", this.#patience);
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    // What was published before is sent.
    if (this.isUp) await this.#flush("the end of the bus", CLOSE_PATIENCE).catch(() => {});
    this.#become("closed");
    this.#watchers.clear();
    await this.#connection.close();
  }

  #listen(subject: BusSubject, take: (message: Msg) => void, queue?: string): BusSubscription {
    const text = this.#text(subject);
    if (this.#state === "closed") return { ready: handled(Promise.reject(closed())), end: () => {} };
    return listen(this.#connection, {
      subject: text,
      queue,
      take,
      inForce: () => this.#inForce(),
      warn: this.#options.warn,
    });
  }

  /** The server answers in order: what it was asked for before the flush is there after it. */
  async #inForce(): Promise<void> {
    this.#checkUp();
    await this.#flush("a subscription", this.#patience);
  }

  get #patience(): number {
    return this.#options.timeout ?? DEFAULTS.timeout;
  }

  #flush(what: string, timeout: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = (error: Error): void => reject(new BusUnavailable(error.message, { cause: error }));
    this.#connection.flush().then(resolve, failed);
    return this.#within(promise, reject, { timeout, what });
  }

  #within<T>(promise: Promise<T>, reject: (error: Error) => void, { timeout, what }: Patience): Promise<T> {
    const late = (): void => reject(new BusUnavailable(`${what} took longer than ${timeout} ms`));
    return promise.finally(this.#options.clock.after(timeout, late));
  }

  #respond(question: Msg, answer: Uint8Array): void {
    this.#outlet.check(answer);
    if (question.reply !== undefined && this.isUp) this.#outlet.send(question.reply, answer);
  }

  #become(state: "up" | "down" | "closed"): void {
    if (this.#state === state || this.#state === "closed") return;
    const before = this.isUp;
    this.#state = state;
    if (state === "up") this.#exchange.up();
    else this.#exchange.down("the bus is away");
    if (this.isUp !== before) this.#watchers.tell((changed) => changed(this.isUp));
  }

  #checkUp(): void {
    if (this.#state === "closed") throw closed();
    if (this.#state === "down") throw new BusUnavailable("the bus is away: there is no connection to NATS");
  }

  #text(subject: BusSubject): string {
    return this.#prefix + subjectText(subject);
  }
}

interface Patience {
  /** Milliseconds. */
  readonly timeout: number;
  readonly what: string;
}

function closed(): BusUnavailable {
  return new BusUnavailable("the bus is closed");
}

/** What the server itself answers where there is no subscriber. */
function isNobody(answer: Msg): boolean {
  return answer.data.length === 0 && new Head(answer).code === 503;
}

/** One of those who answer gets a question: they are one queue of NATS. */
const QUEUE = "answers";
/** Milliseconds: a NATS that stands still must not hold up the end of a gateway. */
const CLOSE_PATIENCE = 1000;
/** Questions that one answerer works on at once. */
const MAX_ANSWERS = 1000;
