import type { Dialect, DialectSink } from "../dialect/dialect.ts";
import type { Stopwatch } from "../measure/stopwatch.ts";
import type { Tally } from "../measure/tally.ts";
import { markNumber, markPublisher, markTime } from "../wire/mark.ts";
import { Heard } from "./heard.ts";
import type { Link, LinkHandler } from "./link.ts";
import { Publisher } from "./publisher.ts";

/** What is the same for all clients of a run. */
export interface ClientContext {
  readonly dialect: Dialect;
  /** Addresses of the server, taken in turn. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly stopwatch: Stopwatch;
  readonly tally: Tally;
  readonly payloadBytes: number;
}

export interface ClientOptions {
  /** Number of this client as a publisher, and its name in faults. */
  readonly index: number;
  readonly token?: string;
  readonly subscribe: readonly string[];
  /** The publishers of the subscribed topics: number of the first, and how many. */
  readonly hears: { readonly first: number; readonly count: number };
  readonly publishTo?: string;
}

/** One user of a server under load: subscribes, publishes, and checks what it is given. */
export class Client implements LinkHandler, DialectSink {
  readonly publisher: Publisher | undefined;
  readonly #context: ClientContext;
  readonly #options: ClientOptions;
  readonly #heard: Heard;
  #setUp = Promise.withResolvers<void>();
  #connection: Link | undefined;
  #repliesDue = 0;
  /** When the frame that is being read was taken up. */
  #now = 0;
  /** Publishes that are kept under way: each answer is followed by the next publish. 0 for none. */
  #window = 0;

  constructor(context: ClientContext, options: ClientOptions) {
    const { dialect, payloadBytes } = context;
    this.#context = context;
    this.#options = options;
    this.#heard = new Heard(options.hears.first, options.hears.count);
    if (options.publishTo !== undefined)
      this.publisher = new Publisher({ dialect, index: options.index, topic: options.publishTo, payloadBytes });
  }

  /** Resolves when the server has accepted connect and all subscriptions; rejects if it refuses one. */
  async open(): Promise<void> {
    const { dialect, hosts, port } = this.#context;
    const host = hosts[this.#options.index % hosts.length]!;
    this.#connection = await dialect.open({ host, port }, this);
    const connect = dialect.connect(1, this.#options.token);
    const subscribes = this.#options.subscribe.map((topic, i) => dialect.subscribe(i + 2, topic));
    if (connect !== undefined && dialect.waitsForConnect) {
      await this.#setUpWith([connect]);
      await this.#setUpWith(subscribes);
    } else await this.#setUpWith(connect === undefined ? subscribes : [connect, ...subscribes]);
  }

  close(): void {
    this.#connection?.close();
  }

  /** One message that was due at `micros`. */
  publish(micros: number): void {
    this.#send(1, micros);
  }

  /** `count` messages back to back, in one write. */
  burst(count: number, micros: number): void {
    this.#send(count, micros);
  }

  /** Keeps `window` publishes under way from now on; with 0 it sends no more. */
  keepUnderWay(window: number): void {
    this.#window = window;
    this.endOfRead();
  }

  /** Numbers of the publishers whose messages it gets. */
  *hears(): Generator<number> {
    const { first, count } = this.#options.hears;
    for (let publisher = first; publisher < first + count; publisher++) yield publisher;
  }

  /** Number of the last message heard of a publisher. */
  heard(publisher: number): number {
    return this.#heard.last(publisher);
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#now = this.#context.stopwatch.micros();
    this.#context.dialect.read(bytes, start, end, this);
  }

  endOfRead(): void {
    const due = this.#window - (this.publisher?.outstanding ?? 0);
    if (this.#window > 0 && due > 0) this.#send(due, this.#context.stopwatch.micros());
  }

  lost(reason: string): void {
    this.#fault(`connection lost: ${reason}`);
    this.#setUp.reject(new Error(`client ${this.#options.index} lost its connection: ${reason}`));
  }

  accepted(id: number): void {
    this.#context.tally.acknowledged += 1;
    const fault = this.publisher?.accepted(id);
    if (fault !== undefined) this.#fault(fault);
  }

  marked(bytes: Uint8Array, mark: number): void {
    this.#context.tally.delivery(markTime(bytes, mark), this.#now);
    const fault = this.#heard.note(markPublisher(bytes, mark), markNumber(bytes, mark));
    if (fault !== undefined) this.#fault(fault);
  }

  other(text: string): void {
    this.#context.dialect.other(text, this);
  }

  ready(): void {
    this.#repliesDue -= 1;
    if (this.#repliesDue === 0) this.#setUp.resolve();
    if (this.#repliesDue < 0) this.#fault("an answer to no command");
  }

  answer(frame: Uint8Array): void {
    this.#connection?.send(frame);
  }

  wrong(text: string): void {
    this.#fault(`unexpected: ${text.slice(0, 300)}`);
    this.#setUp.reject(new Error(`client ${this.#options.index} got ${text.slice(0, 300)}`));
  }

  /** Sends them all at once and waits for their answers. */
  async #setUpWith(commands: readonly Uint8Array[]): Promise<void> {
    if (commands.length === 0) return;
    this.#setUp = Promise.withResolvers();
    this.#repliesDue = commands.length;
    this.#connection?.send(Buffer.concat(commands));
    await this.#setUp.promise;
  }

  #send(count: number, micros: number): void {
    if (this.publisher === undefined) return;
    this.#context.tally.sent += count;
    this.#connection?.send(this.publisher.many(count, micros));
  }

  #fault(text: string): void {
    this.#context.tally.fault(`client ${this.#options.index}: ${text}`);
  }
}
