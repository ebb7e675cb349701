import type { Message } from "@tidegate/protocol";
import type { Appended } from "../../log/log.ts";

/** One append: it is done when every message of it is answered, or when it has failed. */
export class Call {
  readonly messages: readonly Message[];
  readonly promise: Promise<readonly Appended[]>;
  readonly #results: Appended[] = [];
  readonly #settle = Promise.withResolvers<readonly Appended[]>();
  readonly #ended: () => void;
  #left: number;
  #state: "under way" | "answered" | "failed" = "under way";

  /** `ended` is called once, when the call is done. */
  constructor(messages: readonly Message[], ended: () => void) {
    this.messages = messages;
    this.#left = messages.length;
    this.#ended = ended;
    this.promise = this.#settle.promise;
  }

  get isDone(): boolean {
    return this.#state !== "under way";
  }

  get hasFailed(): boolean {
    return this.#state === "failed";
  }

  answer(index: number, result: Appended): void {
    if (this.isDone || this.#results[index] !== undefined) return;
    this.#results[index] = result;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#state = "answered";
    this.#ended();
  }

  /** Its caller is told at once. */
  fail(error: Error): void {
    if (this.isDone) return;
    this.#state = "failed";
    this.#settle.reject(error);
    this.#ended();
  }

  /** Tells the caller, when those before it were told: answers come in the order of the calls. */
  settle(): void {
    if (!this.hasFailed) this.#settle.resolve(this.#results);
  }
}
