import type { Clock } from "./environment.ts";
import { clientError, type TidegateError } from "./errors.ts";

/** Who waits for a reply. */
interface Asker {
  readonly done: (body: never) => void;
  readonly failed: (error: TidegateError) => void;
}

interface Pending extends Asker {
  /** Characters of the command. */
  readonly size: number;
  readonly cancel: () => void;
}

/** The commands of one connection that have no reply yet, in the order in which they went. */
export class PendingCommands {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** `limit`: milliseconds until a command without a reply fails with `timeout`. */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** The line to send. A `body` that is text is JSON already. */
  add(command: string, body: object | string, asker: Asker): string {
    const id = (this.#lastId = (this.#lastId % 0xffff_ffff) + 1);
    const late = `no reply to ${command} within ${this.#limit} ms`;
    const cancel = this.#clock.after(this.#limit, () =>
      this.fail(id, clientError("timeout", late, { temporary: true })),
    );
    const line = `{"id":${id},"${command}":${typeof body === "string" ? body : JSON.stringify(body)}}`;
    this.#pending.set(id, { ...asker, size: line.length, cancel });
    return line;
  }

  /** Does nothing if nobody waits any more. */
  reply(id: number, body: unknown): void {
    this.#settle(id)?.done(body as never);
  }

  fail(id: number, error: TidegateError): void {
    this.#settle(id)?.failed(error);
  }

  failAll(error: TidegateError): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, error);
  }

  /** The server took a frame for too big, and does not say which. Sent again, it would end every later connection too. */
  failLargest(): void {
    const [largest] = [...this.#pending].toSorted(([, one], [, other]) => other.size - one.size);
    if (!largest) return;
    const [id, { size }] = largest;
    this.fail(id, clientError("too_large", `the server takes no frame of ${size} characters`));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    pending?.cancel();
    this.#pending.delete(id);
    return pending;
  }
}
