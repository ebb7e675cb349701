/**
 * The publisher of a broadcast, in a thread of its own: receiving hundreds of thousands of deliveries a second keeps
 * the other thread busy, and a publisher that waits its turn there would send late and in heaps.
 */
import { Client } from "../client/client.ts";
import { DIALECTS } from "../dialect/dialects.ts";
import { startStopwatch } from "../measure/stopwatch.ts";
import { Tally } from "../measure/tally.ts";
import { until } from "../measure/wait.ts";
import { OpenLoop } from "./open-loop.ts";
import type { PublishBursts, PublisherOrder, PublisherReport, PublisherSetup } from "./publisher-messages.ts";

/** Time for the acknowledgements of one order, in milliseconds. */
const DRAIN = 60_000;

declare const self: Worker;

class PublisherThread {
  readonly #setup: PublisherSetup;
  readonly #tally = new Tally();
  readonly #stopwatch;
  readonly #client: Client;

  constructor(setup: PublisherSetup) {
    this.#setup = setup;
    this.#stopwatch = startStopwatch(setup.origin);
    const { host, port, payloadBytes, topic } = setup;
    const dialect = DIALECTS[setup.dialect];
    const context = { dialect, hosts: [host], port, stopwatch: this.#stopwatch, tally: this.#tally, payloadBytes };
    this.#client = new Client(context, { index: 0, subscribe: [], hears: { first: 0, count: 0 }, publishTo: topic });
  }

  async open(): Promise<PublisherReport> {
    await this.#client.open();
    return this.#report(0);
  }

  /** Answers when everything is acknowledged. */
  async publish({ rate, size, count }: PublishBursts): Promise<PublisherReport> {
    const done = Promise.withResolvers<void>();
    let left = count;
    const send = (due: number): void => {
      if (left > 0) this.#client.burst(size, due);
      left -= 1;
      if (left <= 0) done.resolve();
    };
    const loop = new OpenLoop({ rate, send }, this.#stopwatch);
    loop.start();
    await done.promise;
    loop.stop();
    const { topic } = this.#setup;
    const settled = (): boolean => this.#tally.acknowledged >= this.#tally.sent || this.#tally.faults.length > 0;
    await until(`the acknowledgements of ${topic}`, DRAIN, settled);
    return this.#report(loop.lateness.quantile(0.99));
  }

  #report(latenessP99: number): PublisherReport {
    return { sent: this.#tally.sent, latenessP99, faults: this.#tally.faults };
  }
}

let thread: PublisherThread | undefined;

self.onmessage = (event: MessageEvent<PublisherOrder>) => {
  void obey(event.data)
    .catch((error: unknown): PublisherReport => ({ sent: 0, latenessP99: 0, faults: [String(error)] }))
    .then((report) => self.postMessage(report));
};

function obey(order: PublisherOrder): Promise<PublisherReport> {
  if (order.kind === "bursts") return thread?.publish(order) ?? Promise.reject(new Error("no setup"));
  thread = new PublisherThread(order);
  return thread.open();
}
