import type { Link, Order, Report } from "../engine/orders.ts";

/** Milliseconds that agents have to answer a question. */
const ANSWER = 60_000;
/** Exchanges of a clock: the quickest one is the truest. */
const CLOCK_TURNS = 9;

type Kind = Report["report"];
type Of<K extends Kind> = Extract<Report, { readonly report: K }>;

/** An agent broke off, or said that it cannot go on. */
export class AgentFailed extends Error {
  constructor(agent: number, reason: string) {
    super(`agent ${agent + 1}: ${reason}`);
    this.name = "AgentFailed";
  }
}

/** All agents of a run: asks them, tells them, and hears what they say each second. */
export class Team {
  onSecond: ((agent: number, second: Of<"second">) => void) | undefined;
  readonly #links: readonly Link<Order, Report>[];
  readonly #questions = new Map<string, (report: Report) => void>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(links: readonly Link<Order, Report>[]) {
    this.#links = links;
    this.#failed.promise.catch(() => {});
    for (const [agent, link] of links.entries()) {
      link.onMessage = (report) => this.#take(agent, report);
      link.onEnd = (reason) => this.#failed.reject(new AgentFailed(agent, reason));
    }
  }

  get size(): number {
    return this.#links.length;
  }

  /** Rejects with `AgentFailed` when an agent breaks off; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  tell(order: Order): void {
    for (const link of this.#links) link.send(order);
  }

  /** Asks all, and resolves with their answers in order. Rejects with `AgentFailed`. */
  ask<K extends Kind>(order: Order, kind: K): Promise<readonly Of<K>[]> {
    return Promise.all(this.#links.map((_, agent) => this.askOne(agent, order, kind)));
  }

  async askOne<K extends Kind>(agent: number, order: Order, kind: K): Promise<Of<K>> {
    const answer = Promise.withResolvers<Report>();
    const key = `${agent} ${kind}`;
    const late = (): void => answer.reject(new AgentFailed(agent, `it did not answer within ${ANSWER / 1000} s`));
    const timer = setTimeout(late, ANSWER);
    this.#questions.set(key, answer.resolve);
    this.#links[agent]!.send(order);
    try {
      return (await Promise.race([answer.promise, this.failed])) as Of<K>;
    } finally {
      clearTimeout(timer);
      this.#questions.delete(key);
    }
  }

  /** What an agent must add to its clock to have the master's: half of the shortest way there and back is the doubt. */
  async offset(agent: number, micros: () => number): Promise<number> {
    let best = { doubt: Infinity, offset: 0 };
    for (let turn = 0; turn < CLOCK_TURNS; turn++) {
      const before = micros();
      const { micros: theirs } = await this.askOne(agent, { order: "clock", turn }, "clock");
      const after = micros();
      const doubt = (after - before) / 2;
      if (doubt < best.doubt) best = { doubt, offset: before + doubt - theirs };
    }
    return best.offset;
  }

  close(): void {
    for (const link of this.#links) {
      link.onEnd = undefined;
      link.close();
    }
  }

  #take(agent: number, report: Report): void {
    if (report.report === "failed") return this.#failed.reject(new AgentFailed(agent, report.text));
    if (report.report === "second") return this.onSecond?.(agent, report);
    this.#questions.get(`${agent} ${report.report}`)?.(report);
  }
}
