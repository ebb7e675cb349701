import type { Channel } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { clientError, type TidegateError } from "./errors.ts";
import type { CommandKind, Replies } from "./wire.ts";

/** Questions that wait at once. */
const LIMIT = 1000;

interface Waiting {
  ask(channel: Channel): void;
  reject(error: TidegateError): void;
}

/** Questions that change nothing: they wait for a connection and are asked again on the next one, within one time-out. */
export class Requests {
  readonly #env: Environment;
  readonly #timeout: number;
  readonly #waiting = new Set<Waiting>();
  #channel: Channel | undefined;

  constructor(env: Environment, timeout: number) {
    this.#env = env;
    this.#timeout = timeout;
  }

  /** Rejects with the server's error, `timeout`, `queue_full` or `closed`. */
  request<K extends CommandKind>(command: K, body: object): Promise<Replies[K]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= LIMIT)
        return reject(clientError("queue_full", `${LIMIT} requests wait`, { temporary: true }));
      const settle = (act: () => void): void => {
        cancel();
        if (this.#waiting.delete(waiting)) act();
      };
      const waiting: Waiting = {
        ask: (channel) =>
          channel.send(
            command,
            body,
            (reply) => settle(() => resolve(reply)),
            (error) => waiting.reject(error),
          ),
        reject: (error) => error.reason === "connection_lost" || settle(() => reject(error)),
      };
      const late = `no answer to ${command} within ${this.#timeout} ms`;
      const cancel = this.#env.clock.after(this.#timeout, () =>
        waiting.reject(clientError("timeout", late, { temporary: true })),
      );
      this.#waiting.add(waiting);
      if (this.#channel) waiting.ask(this.#channel);
    });
  }

  up(channel: Channel): void {
    this.#channel = channel;
    for (const waiting of this.#waiting) waiting.ask(channel);
  }

  down(): void {
    this.#channel = undefined;
  }

  close(error: TidegateError): void {
    for (const waiting of [...this.#waiting]) waiting.reject(error);
  }
}
