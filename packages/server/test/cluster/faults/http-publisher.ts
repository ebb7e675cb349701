import type { Ledger } from "./ledger.ts";

export interface HttpPublisherOptions {
  readonly name: string;
  readonly topic: string;
  readonly ledger: Ledger;
  readonly urlOf: () => string;
  /** Milliseconds between two publishes. */
  readonly pause?: number;
  readonly priority?: "low" | "normal" | "high";
}

interface Answer {
  readonly offset?: number;
  readonly error?: { readonly reason: string; readonly message: string; readonly temporary: boolean };
}

/** Milliseconds after which a request counts as lost, and is sent again with its id. */
const PATIENCE = 15_000;

/** Publishes one numbered message after the other by HTTP and sees every answer: a refusal must be temporary, and the same comes again. */
export class HttpPublisher {
  readonly topic: string;
  readonly #options: HttpPublisherOptions;
  readonly #name: string;
  #number = 0;
  #running = false;
  #hopeful = true;
  #loop: Promise<void> = Promise.resolve();
  #acked: (offset: number) => void = () => {};
  /** Answers that asked to come again, by reason. */
  readonly reasons = new Map<string, number>();
  acknowledged = 0;

  constructor(options: HttpPublisherOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.#name = `${options.name}@${options.topic}`;
  }

  get refused(): number {
    return [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.#running = true;
    this.#loop = this.#publishAll();
  }

  /** Makes nothing new; resolves when the last one is acknowledged. */
  async finish(): Promise<void> {
    this.#running = false;
    await this.#loop;
  }

  /** Ends without an answer to the last one. */
  giveUp(): void {
    this.#running = this.#hopeful = false;
  }

  /** The offset of the next acknowledged message that is sent from now on. */
  async nextAck(): Promise<number> {
    // The one under way may have been stored before.
    await new Promise<number>((resolve) => (this.#acked = resolve));
    return new Promise<number>((resolve) => (this.#acked = resolve));
  }

  async #publishAll(): Promise<void> {
    const { pause = 50 } = this.#options;
    while (this.#running) {
      const id = `${this.#name}-${++this.#number}`;
      while (this.#hopeful && !(await this.#publish(id))) await Bun.sleep(pause);
      await Bun.sleep(pause);
    }
  }

  /** Whether it was acknowledged. */
  async #publish(messageId: string): Promise<boolean> {
    const { ledger, priority = "normal" } = this.#options;
    const answer = await this.#ask({ topic: this.topic, data: {}, messageId, priority });
    if (answer.offset !== undefined) {
      ledger.ack(this.topic, messageId, answer.offset);
      this.acknowledged += 1;
      this.#acked(answer.offset);
      return true;
    }
    const { reason = "lost", temporary = true, message = "" } = answer.error ?? {};
    if (!temporary) ledger.fault(`${messageId} was refused for good: ${reason}, ${message}`);
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    return false;
  }

  async #ask(body: object): Promise<Answer> {
    try {
      const answer = await fetch(`${this.#options.urlOf()}/v1/publish`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE),
      });
      return (await answer.json()) as Answer;
    } catch {
      // The gateway went, or the balancer has none: the answer, if there was one, is lost.
      return {};
    }
  }
}
