import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../clock.ts";
import { LogUnavailable } from "../../log/log.ts";
import { Head } from "./head.ts";

export interface Asking {
  /** Whether answers come until one with a status ends them. */
  readonly many?: boolean;
  readonly head?: MsgHdrs;
}

/** Called for each answer; true when no more are expected. `undefined`: the connection was lost. */
export type Answered = (answer: Msg | undefined) => boolean;

/**
 * Questions and answers on one connection: one inbox for all, and a slot for each question. The library's own requests make
 * a promise and a timer for each, which acknowledgements do not need.
 */
export class Exchange {
  readonly #connection: NatsConnection;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #inbox = createInbox();
  readonly #slots = new Map<number, Answered>();
  #next = 0;
  /** Why nothing can be asked now; undefined: it can. */
  #fault: string | undefined;

  /** How often the connection was lost: what was asked before is not answered any more. */
  #losses = 0;

  get losses(): number {
    return this.#losses;
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  constructor(connection: NatsConnection, clock: Clock, timeout: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#timeout = timeout;
    const callback = (_error: unknown, answer: Msg): void => this.#answer(answer);
    connection.subscribe(`${this.#inbox}.*`, { callback });
  }

  /** Sends, and gives each answer to `answered` until that has enough. Returns what forgets the slot. */
  send(subject: string, body: string | Uint8Array, answered: Answered, head?: MsgHdrs): () => void {
    const slot = ++this.#next;
    this.#slots.set(slot, answered);
    const reply = `${this.#inbox}.${slot}`;
    this.#connection.publish(subject, body, head === undefined ? { reply } : { reply, headers: head });
    return () => void this.#slots.delete(slot);
  }

  /** The answers up to the one that ends them: a status, or the only one. Rejects with `LogUnavailable` when that takes too long. */
  ask(subject: string, body: string | Uint8Array, { many = false, head }: Asking): Promise<readonly Msg[]> {
    if (this.#fault !== undefined) return Promise.reject(new LogUnavailable(this.#fault));
    const { promise, resolve, reject } = Promise.withResolvers<readonly Msg[]>();
    const answers: Msg[] = [];
    const answered: Answered = (answer) => {
      if (answer !== undefined) answers.push(answer);
      const code = answer === undefined ? 0 : codeOf(answer);
      const done = answer === undefined || !many || code !== 0;
      if (!done) return false;
      cancel();
      if (answer === undefined) reject(new LogUnavailable("the connection to NATS was lost"));
      else if (code === 503) reject(new LogUnavailable(`nobody answers on ${subject}: the stream is away`));
      else resolve(answers);
      return true;
    };
    const forget = this.send(subject, body, answered, head);
    const cancel = this.#clock.after(this.#timeout, () => {
      forget();
      reject(new LogUnavailable(`NATS did not answer within ${this.#timeout} ms`));
    });
    return promise;
  }

  /** Nothing can be asked from here on, and what was asked is not answered any more. */
  down(fault: string): void {
    this.#fault = fault;
    this.#losses += 1;
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const answered of slots) answered(undefined);
  }

  up(): void {
    this.#fault = undefined;
  }

  #answer(answer: Msg): void {
    const slot = slotOf(answer, this.#inbox.length + 1);
    const answered = this.#slots.get(slot);
    if (answered?.(answer) === true) this.#slots.delete(slot);
  }
}

/** What the library holds of a message before it makes a text of its subject. */
interface Received {
  readonly _msg?: { readonly subject?: Uint8Array };
}

/** The number at the end of an answer's subject, read from its bytes: every acknowledgement comes by here. */
function slotOf(answer: Msg, from: number): number {
  const bytes = (answer as unknown as Received)._msg?.subject;
  // Should the library hold it in another way one day.
  if (bytes === undefined) return Number(answer.subject.slice(from));
  let slot = 0;
  for (let at = from; at < bytes.length; at++) slot = slot * 10 + (bytes[at] ?? 0) - ZERO;
  return slot;
}

const ZERO = 48;

/** The status of an answer. Only one without a payload has one. */
function codeOf(answer: Msg): number {
  return answer.data.length === 0 ? new Head(answer).code : 0;
}
