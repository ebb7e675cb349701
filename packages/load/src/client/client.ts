import type { Dialect } from "../dialect/dialect.ts";
import type { Stopwatch } from "../measure/stopwatch.ts";
import type { Tally } from "../measure/tally.ts";
import { Connection, type ConnectionHandler } from "../websocket/connection.ts";
import { textFrame } from "../websocket/frame.ts";
import { type LineSink, readLines } from "../wire/lines.ts";
import { markNumber, markPublisher, markTime } from "../wire/mark.ts";
import { Heard } from "./heard.ts";
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
export class Client implements ConnectionHandler, LineSink {
  readonly publisher: Publisher | undefined;
  readonly #context: ClientContext;
  readonly #options: ClientOptions;
  readonly #success: Uint8Array;
  readonly #heard: Heard;
  readonly #setUp = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #repliesDue = 0;
  /** When the frame that is being read was taken up. */
  #now = 0;
  /** Publishes that are kept under way: each answer is followed by the next publish. 0 for none. */
  #window = 0;

  constructor(context: ClientContext, options: ClientOptions) {
    const { dialect, payloadBytes } = context;
    this.#context = context;
    this.#options = options;
    this.#success = new TextEncoder().encode(dialect.published);
    this.#heard = new Heard(options.hears.first, options.hears.count);
    if (options.publishTo !== undefined)
      this.publisher = new Publisher({ dialect, index: options.index, topic: options.publishTo, payloadBytes });
  }

  /** Resolves when the server has accepted connect and all subscriptions; rejects if it refuses one. */
  async open(): Promise<void> {
    const { dialect, hosts, port } = this.#context;
    const host = hosts[this.#options.index % hosts.length]!;
    const { path, subprotocol } = dialect;
    this.#connection = await Connection.open({ host, port, path, subprotocol }, this);
    const commands = this.#setUpCommands();
    this.#repliesDue = commands.length;
    if (commands.length === 0) this.#setUp.resolve();
    for (const command of commands) this.#connection.send(textFrame(command));
    await this.#setUp.promise;
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
    readLines(bytes, start, end, this.#success, this);
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
    const reply = JSON.parse(text) as { readonly id?: number; readonly error?: unknown };
    const expected = this.#repliesDue > 0 && reply.id !== undefined && reply.error === undefined;
    if (expected) {
      this.#repliesDue -= 1;
      if (this.#repliesDue === 0) this.#setUp.resolve();
      return;
    }
    this.#fault(`unexpected: ${text.slice(0, 300)}`);
    this.#setUp.reject(new Error(`client ${this.#options.index} got ${text.slice(0, 300)}`));
  }

  #setUpCommands(): string[] {
    const { dialect } = this.#context;
    const connect = dialect.connect(1, this.#options.token);
    const subscribes = this.#options.subscribe.map((topic, i) => dialect.subscribe(i + 2, topic));
    return connect === undefined ? subscribes : [connect, ...subscribes];
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
