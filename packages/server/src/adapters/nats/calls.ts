import type { Message } from "@tidegate/protocol";
import { Fifo } from "../../log/fifo.ts";
import { Call } from "./call.ts";

/** The appends that are under way: each is answered after those before it. */
export class Calls {
  readonly #failed: (call: Call) => void;
  /** In their order, from the first that is not done. */
  readonly #all = new Fifo<Call>();
  #idle: (() => void)[] = [];

  /** `failed` is called once for a call that failed, before those after it are answered. */
  constructor(failed: (call: Call) => void) {
    this.#failed = failed;
  }

  open(messages: readonly Message[]): Call {
    const call: Call = new Call(messages, () => this.#ended(call));
    this.#all.push(call);
    return call;
  }

  /** Resolves when none is under way. */
  idle(): Promise<void> {
    return this.#all.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #ended(call: Call): void {
    if (call.hasFailed) this.#failed(call);
    while (this.#all.first?.isDone === true) this.#all.shift()?.settle();
    if (this.#all.size > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
