import { clientError, type TidegateError } from "./errors.ts";

type Waiter<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * A bounded queue between a subscription and one `for await`. When the loop is so slow that the queue is full, nothing
 * is dropped in silence: what is queued is still given, then the loop throws `too_slow`.
 */
export class Stream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #limit: number;
  readonly #onEnd: (stream: Stream<T>) => void;
  #queue: T[] = [];
  #waiters: Waiter<T>[] = [];
  #end: { readonly error: TidegateError | undefined } | undefined;

  constructor(limit: number, onEnd: (stream: Stream<T>) => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    if (this.#end) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ done: false, value });
    else if (this.#queue.length < this.#limit) this.#queue.push(value);
    else this.#overflow();
  }

  get overflowed(): boolean {
    return this.#end?.error?.reason === "too_slow";
  }

  #overflow(): void {
    this.end(
      clientError(
        "too_slow",
        `more than ${this.#limit} messages wait for the loop; subscribe again since the last one`,
      ),
    );
  }

  end(error?: TidegateError): void {
    if (this.#end) return;
    this.#end = { error };
    this.#onEnd(this);
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter);
  }

  /** Takes out everything that is queued. */
  drain(): T[] {
    return this.#queue.splice(0);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const value = this.#queue.shift();
      if (value !== undefined) resolve({ done: false, value });
      else if (this.#end) this.#finish({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#queue = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The error is thrown once; after that the loop is done. */
  #finish({ resolve, reject }: Waiter<T>): void {
    const error = this.#end?.error;
    this.#end = { error: undefined };
    if (error) reject(error);
    else resolve({ done: true, value: undefined });
  }
}
