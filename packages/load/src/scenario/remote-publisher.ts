import type { PublisherOrder, PublisherReport, PublisherSetup } from "./publisher-messages.ts";

/** The handle of a publisher that runs in a thread of its own. */
export class RemotePublisher {
  readonly #worker = new Worker(new URL("./publisher-thread.ts", import.meta.url));
  #sent = 0;

  /** Resolves when it is connected; rejects if the server refuses it. */
  static async open(setup: Omit<PublisherSetup, "kind">): Promise<RemotePublisher> {
    const publisher = new RemotePublisher();
    await publisher.#order({ kind: "setup", ...setup });
    return publisher;
  }

  /** Messages that it has sent, as far as its orders are done. */
  get sent(): number {
    return this.#sent;
  }

  /** Resolves when all bursts are sent and acknowledged. Rejects with what went wrong. */
  bursts(rate: number, size: number, count: number): Promise<PublisherReport> {
    return this.#order({ kind: "bursts", rate, size, count });
  }

  close(): void {
    this.#worker.terminate();
  }

  async #order(order: PublisherOrder): Promise<PublisherReport> {
    const answer = Promise.withResolvers<PublisherReport>();
    this.#worker.onmessage = (event: MessageEvent<PublisherReport>) => answer.resolve(event.data);
    this.#worker.onerror = (event) => answer.reject(new Error(event.message));
    this.#worker.postMessage(order);
    const report = await answer.promise;
    if (report.faults.length > 0) throw new Error(`the publisher: ${report.faults.join("; ")}`);
    this.#sent = report.sent;
    return report;
  }
}
