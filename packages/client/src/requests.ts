import type { Backoff } from "./backoff.ts";
import type { Channel } from "./connection.ts";
import type { Clock } from "./environment.ts";
import { clientError, type TidegateError } from "./errors.ts";
import type { CommandKind, Replies } from "./wire.ts";

/** Questions that wait at once. */
const LIMIT = 1000;

interface Question {
  readonly command: CommandKind;
  readonly body: object;
  readonly resolve: (reply: never) => void;
  readonly reject: (error: TidegateError) => void;
  /** What it rejects with when its time is over. */
  late: TidegateError;
  failures: number;
  cancel: () => void;
  cancelRetry: () => void;
}

const nothing = (): void => {};

/**
 * Questions that change nothing: within one time-out they wait for a connection, are asked again on the next one, and
 * again after a temporary error.
 */
export class Requests {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #backoff: Backoff;
  readonly #waiting = new Set<Question>();
  #channel: Channel | undefined;

  /** `timeout`: milliseconds for a question from `request` to its answer. */
  constructor(clock: Clock, timeout: number, backoff: Backoff) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#backoff = backoff;
  }

  /** Rejects with the server's error, `timeout`, `queue_full` or `closed`. */
  request<K extends CommandKind>(command: K, body: object): Promise<Replies[K]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= LIMIT)
        return reject(clientError("queue_full", `${LIMIT} requests wait`, { temporary: true }));
      const late = clientError("timeout", `no answer to ${command} within ${this.#timeout} ms`, { temporary: true });
      const cancel = this.#clock.after(this.#timeout, () => this.#reject(question, question.late));
      const question: Question = { command, body, resolve, reject, late, failures: 0, cancel, cancelRetry: nothing };
      this.#waiting.add(question);
      this.#ask(question);
    });
  }

  up(channel: Channel): void {
    this.#channel = channel;
    for (const question of this.#waiting) this.#ask(question);
  }

  down(): void {
    this.#channel = undefined;
  }

  close(error: TidegateError): void {
    for (const question of [...this.#waiting]) this.#reject(question, error);
  }

  #ask(question: Question): void {
    question.cancelRetry();
    this.#channel?.send(
      question.command,
      question.body,
      (reply) => this.#settle(question) && question.resolve(reply as never),
      (error) => this.#failed(question, error),
    );
  }

  #failed(question: Question, error: TidegateError): void {
    if (error.reason === "connection_lost" || !this.#waiting.has(question)) return;
    if (!error.temporary) return this.#reject(question, error);
    question.late = error;
    const wait = this.#backoff(question.failures++, error.reason);
    question.cancelRetry = this.#clock.after(wait, () => this.#ask(question));
  }

  #reject(question: Question, error: TidegateError): void {
    if (this.#settle(question)) question.reject(error);
  }

  /** False if it was settled before. */
  #settle(question: Question): boolean {
    question.cancel();
    question.cancelRetry();
    return this.#waiting.delete(question);
  }
}
