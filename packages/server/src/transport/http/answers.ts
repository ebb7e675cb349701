import type { ProtocolError, Reply } from "@tidegate/protocol";
import type { Publisher } from "../../log/appender.ts";
import type { Appended } from "../../log/log.ts";

/** Gathers what became of the messages of one request. Ticket `n` is the n-th message, counted from 1. */
export class Answers implements Publisher {
  readonly replies: Reply[] = [];
  /** Resolves when every message has its answer. */
  readonly done: Promise<void>;
  #left: number;
  readonly #resolve: () => void;

  constructor(messages: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#left = messages;
    if (messages === 0) resolve();
  }

  published(ticket: number | undefined, epoch: string, { stored, duplicate }: Appended): void {
    this.#answer(ticket, { kind: "publish", epoch, offset: stored.offset, duplicate });
  }

  refused(ticket: number | undefined, error: ProtocolError): void {
    this.#answer(ticket, { kind: "error", error });
  }

  #answer(ticket: number | undefined, reply: Reply): void {
    if (ticket === undefined) return;
    this.replies[ticket - 1] = reply;
    this.#left -= 1;
    if (this.#left === 0) this.#resolve();
  }
}
