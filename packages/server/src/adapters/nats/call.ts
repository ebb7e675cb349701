import type { Message } from "@tidegate/protocol";
import type { Appended } from "../../log/log.ts";

/** One append: it is answered when every message of it is. */
export class Call {
  readonly messages: readonly Message[];
  readonly promise: Promise<readonly Appended[]>;
  readonly #results: Appended[];
  readonly #settle: PromiseWithResolvers<readonly Appended[]>;
  #left: number;
  #ended: (() => void) | undefined;
  failed = false;

  /** `ended` is called once, when the call was answered or has failed. */
  constructor(messages: readonly Message[], ended: () => void) {
    this.messages = messages;
    this.#results = [];
    this.#left = messages.length;
    this.#settle = Promise.withResolvers();
    this.promise = this.#settle.promise;
    this.#ended = ended;
  }

  answer(index: number, result: Appended): void {
    if (this.failed || this.#results[index] !== undefined) return;
    this.#results[index] = result;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#end();
    this.#settle.resolve(this.#results);
  }

  fail(error: Error): void {
    if (this.#ended === undefined) return;
    this.failed = true;
    this.#end();
    this.#settle.reject(error);
  }

  #end(): void {
    this.#ended?.();
    this.#ended = undefined;
  }
}
