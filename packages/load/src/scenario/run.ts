import { Client, type ClientContext, type ClientOptions } from "../client/client.ts";
import { Population } from "../client/population.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { type Snapshot, snapshot } from "../measure/interval.ts";
import { startStopwatch, type Stopwatch } from "../measure/stopwatch.ts";
import { Tally } from "../measure/tally.ts";
import { until } from "../measure/wait.ts";

/** Time for what is under way to arrive, in milliseconds: longer than the worst backlog a benchmark builds up. */
const DRAIN = 60_000;

/** A server that runs, and how it is spoken to. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Addresses that it listens on. */
  readonly hosts: readonly string[];
  readonly dialect: Dialect;
}

/** A message was lost, repeated, out of order, refused or not acknowledged. */
export class IncorrectDelivery extends Error {
  constructor(server: string, faults: readonly string[]) {
    super(`${server} did not deliver as it must:\n  ${faults.join("\n  ")}`);
    this.name = "IncorrectDelivery";
  }
}

/** A population connected to one server, from the first connection to the final check. */
export class Run {
  readonly target: Target;
  readonly stopwatch: Stopwatch;
  readonly tally: Tally;
  readonly population: Population;
  #outside: { readonly sent: number } | undefined;

  private constructor(target: Target, clients: readonly ClientOptions[], payloadBytes: number) {
    this.target = target;
    this.stopwatch = startStopwatch();
    this.tally = new Tally();
    const { dialect, port, hosts } = target;
    const { stopwatch, tally } = this;
    const context: ClientContext = { dialect, hosts, port, stopwatch, tally, payloadBytes };
    this.population = new Population(clients.map((options) => new Client(context, options)));
  }

  /** Connects the clients; `clients[i].index` must be `i`. Rejects if the server refuses one. */
  static async open(target: Target, clients: readonly ClientOptions[], payloadBytes: number): Promise<Run> {
    const run = new Run(target, clients, payloadBytes);
    await run.population.open();
    return run;
  }

  /** All messages come from a publisher that is not one of the clients. */
  hearFrom(publisher: { readonly sent: number }): void {
    this.#outside = publisher;
  }

  get clients(): readonly Client[] {
    return this.population.clients;
  }

  snapshot(): Snapshot {
    return snapshot(this.target.pid, this.tally, this.stopwatch);
  }

  /**
   * Waits until everything that was sent is acknowledged and delivered. Whoever calls it has stopped sending. Throws
   * `IncorrectDelivery`, also when something has not come after `longest` milliseconds.
   */
  async drain(longest = DRAIN): Promise<void> {
    const expected = this.#expectedDeliveries();
    const { tally } = this;
    const arrived = (): boolean => tally.acknowledged >= tally.sent && tally.delivered >= expected;
    try {
      await until("all answers and deliveries", longest, () => arrived() || tally.faults.length > 0);
    } catch {
      tally.fault(`${tally.sent - tally.acknowledged} answers and ${expected - tally.delivered} deliveries never came`);
    }
    this.#check(expected);
  }

  /** `drain`, then leave. */
  async finish(): Promise<void> {
    await this.drain();
    this.population.close();
  }

  #expectedDeliveries(): number {
    let count = 0;
    for (const client of this.clients) for (const publisher of client.hears()) count += this.#sentBy(publisher);
    return count;
  }

  #check(expected: number): void {
    const { tally } = this;
    if (tally.delivered !== expected) tally.fault(`${tally.delivered} deliveries where ${expected} were due`);
    if (tally.acknowledged !== tally.sent) tally.fault(`${tally.acknowledged} answers to ${tally.sent} publishes`);
    for (const client of this.clients)
      for (const publisher of client.hears())
        if (client.heard(publisher) !== this.#sentBy(publisher))
          tally.fault(
            `a receiver heard ${client.heard(publisher)} of ${this.#sentBy(publisher)} of publisher ${publisher}`,
          );
    if (tally.faults.length > 0) throw new IncorrectDelivery(this.target.name, tally.faults);
  }

  #sentBy(publisher: number): number {
    return this.#outside?.sent ?? this.clients[publisher]?.publisher?.sent ?? 0;
  }
}
