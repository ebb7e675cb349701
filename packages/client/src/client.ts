import { backoffOf } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import type { Environment } from "./environment.ts";
import { clientError, type TidegateError, textOf } from "./errors.ts";
import { closedError, Link } from "./link.ts";
import { type Message, type Position, positionOf } from "./message.ts";
import { type ClientOptions, readEnvironment, readOptions, type Settings } from "./options.ts";
import { Publisher, type PublishOptions } from "./publisher.ts";
import { Requests } from "./requests.ts";
import type { ClientState } from "./state.ts";
import { checkSubscribe, type SubscribeOptions } from "./subscribe-options.ts";
import type { Subscription } from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { HistoryPage, Presence, Published, Replies } from "./wire.ts";

export interface ClientEvents {
  state: ClientState;
  /** Every message of every subscription. */
  message: Message;
  /** What went wrong without a promise to reject: a handler threw, the server sent nonsense, a token could not be had. */
  error: TidegateError;
  /** The server asked to connect again; it happens in so many milliseconds. */
  reconnect: { readonly ms: number };
}

export interface HistoryQuery {
  /** Oldest first, after this position. */
  readonly after?: Position;
  /** The newest messages before this offset. */
  readonly before?: number;
  /** At most so many, up to 1,000. */
  readonly limit?: number;
}

/** A connection to Tidegate that holds: it connects again by itself, and subscriptions and publishes live through that. */
export class Client {
  readonly #env: Environment;
  readonly #settings: Settings;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #link: Link;
  readonly #publisher: Publisher;
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  #stopWakes = (): void => {};

  /** `endpoints` are addresses like `wss://host/ws`, tried in turn. Throws a TypeError for options that cannot be. */
  constructor(endpoints: string | readonly string[], options: ClientOptions = {}) {
    this.#settings = readOptions(endpoints, options);
    this.#env = readEnvironment(options);
    this.#emitter = new Emitter((thrown, kind) =>
      kind === "error" ? this.#env.report(thrown) : this.#handlerFault(thrown),
    );
    const { queue, timeouts } = this.#settings;
    const backoff = backoffOf(this.#settings.backoff, this.#env.random);
    this.#publisher = new Publisher(this.#env, queue, backoff);
    this.#requests = new Requests(this.#env.clock, timeouts.command, backoff);
    this.#subscriptions = new Subscriptions({
      retrying: { clock: this.#env.clock, backoff, patience: timeouts.repair, stable: timeouts.stable },
      onThrow: (thrown) => this.#handlerFault(thrown),
      watch: (message) => {
        this.#emitter.emit("message", message);
        return this.#emitter.has("message");
      },
    });
    this.#link = new Link(this.#env, this.#settings, backoff, {
      state: (state) => this.#changed(state),
      hello: () => ({ client: this.#settings.clientName, since: this.personal?.position }),
      up: (connection, reply) => this.#up(connection, reply),
      down: () => this.#down(),
      push: (push) => this.#subscriptions.push(push),
      moving: (ms) => this.#emitter.emit("reconnect", { ms }),
      fault: (error) => this.#fault(error),
    });
  }

  get state(): ClientState {
    return this.#link.state;
  }

  /** The user's own topic, which the server subscribes by itself. Undefined before the first connection, and for anonymous clients. */
  get personal(): Subscription | undefined {
    return this.#subscriptions.personal;
  }

  /** Publishes that have no reply yet. */
  get pending(): number {
    return this.#publisher.pending;
  }

  /** Starts to connect; does nothing if it already did. Throws if the client is closed. */
  connect(): this {
    this.#mustLive();
    if (this.state.kind !== "idle") return this;
    this.#stopWakes = this.#env.onWake(() => this.#link.wake());
    this.#link.start();
    return this;
  }

  /** Resolves when connected, and starts to connect if nobody did. Rejects if the client closes before. */
  async ready(): Promise<void> {
    this.connect();
    if (this.state.kind === "connected") return;
    await new Promise<void>((resolve, reject) => {
      const off = this.on("state", (state) => {
        if (state.kind !== "connected" && state.kind !== "closed") return;
        off();
        if (state.kind === "connected") resolve();
        else reject(closedError(state));
      });
    });
  }

  /**
   * For good: ends the subscriptions and rejects what is waiting. Resolves when the server has closed too, or after a
   * second.
   */
  close(): Promise<void> {
    return this.#link.stop({ action: "stop", reason: "closed", message: "close was called" });
  }

  /** Returns what removes the handler. */
  on<K extends keyof ClientEvents>(kind: K, handler: (event: ClientEvents[K]) => unknown): () => void {
    return this.#emitter.on(kind, handler);
  }

  /**
   * Subscribes to a topic or a filter with `+` and `#`, now and on every later connection. Throws if the client is closed
   * or already has this subscription.
   */
  subscribe<T = unknown>(
    topic: string,
    options: SubscribeOptions = {},
    handler?: (message: Message<T>) => unknown,
  ): Subscription<T> {
    this.#mustLive();
    checkSubscribe(topic, options);
    const subscription = this.#subscriptions.add(topic, options) as Subscription<T>;
    if (handler) subscription.on("message", handler);
    return subscription;
  }

  /** Resolves when the message is stored as its namespace promises. Waits for a connection; sent again until it has a reply. */
  async publish(topic: string, data: unknown, options: PublishOptions = {}): Promise<Published> {
    this.#mustLive();
    return this.#publisher.publish(topic, data, options);
  }

  /** Stored messages of one topic. */
  async history<T = unknown>(topic: string, query: HistoryQuery = {}): Promise<HistoryPage<T>> {
    this.#mustLive();
    const after = query.after && positionOf(query.after);
    return (await this.#requests.request("history", { topic, ...query, after })) as HistoryPage<T>;
  }

  /** Who is in a topic; with `count`, only how many. */
  async presence(topic: string, options: { readonly count?: boolean } = {}): Promise<Presence> {
    this.#mustLive();
    return this.#requests.request("presence", { topic, ...options });
  }

  /** Everything that waited goes out in one frame: subscriptions first, so that what is published comes back. */
  #up(connection: Connection, { personal }: Replies["connect"]): void {
    this.#subscriptions.up(connection, personal);
    this.#requests.up(connection);
    this.#publisher.up(connection);
  }

  #down(): void {
    this.#subscriptions.down();
    this.#requests.down();
    this.#publisher.down();
  }

  #changed(state: ClientState): void {
    if (state.kind === "closed") this.#end(closedError(state));
    this.#emitter.emit("state", state);
  }

  #end(error: TidegateError): void {
    this.#stopWakes();
    this.#subscriptions.close(error);
    this.#requests.close(error);
    this.#publisher.close(error);
  }

  #mustLive(): void {
    if (this.state.kind === "closed") throw closedError(this.state);
  }

  #handlerFault(cause: unknown): void {
    this.#fault(clientError("handler_failed", `a handler threw: ${textOf(cause)}`, { cause }));
  }

  #fault(error: TidegateError): void {
    if (this.#emitter.has("error")) this.#emitter.emit("error", error);
    else this.#env.report(error);
  }
}
