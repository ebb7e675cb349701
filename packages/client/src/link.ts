import type { Backoff } from "./backoff.ts";
import { Connection, type Ending } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { clientError, type TidegateError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { Renewal } from "./renewal.ts";
import type { ClientState } from "./state.ts";
import type { Push, Replies } from "./wire.ts";

/** Tokens that the server refused in a row before the client gives up: the source has no better one. */
const REFUSALS = 3;
/** Milliseconds: the longest `reconnect` delay and spread that are believed. */
const LONGEST_MOVE = 3_600_000;
/** Milliseconds that `stop` waits for the other side's close. */
const CLOSE_WAIT = 1000;

export interface LinkEvents {
  state(state: ClientState): void;
  /** What goes with `connect` besides the token. */
  hello(): object;
  up(connection: Connection, reply: Replies["connect"]): void;
  down(): void;
  push(push: Exclude<Push, { kind: "reconnect" }>): void;
  moving(ms: number): void;
  fault(error: TidegateError): void;
}

/** Holds one connection after another: endpoints in turn, back-off, tokens, and what the server says at the end. */
export class Link {
  readonly #env: Environment;
  readonly #settings: Settings;
  readonly #backoff: Backoff;
  readonly #events: LinkEvents;
  readonly #renewal: Renewal;
  #state: ClientState = { kind: "idle" };
  #connection: Connection | undefined;
  /** The one timer of the state: connect time-out, retry or move. */
  #cancel = (): void => {};
  #tries = 0;
  #refusals = 0;
  #nextEndpoint = 0;
  #since = 0;

  constructor(env: Environment, settings: Settings, backoff: Backoff, events: LinkEvents) {
    this.#env = env;
    this.#settings = settings;
    this.#backoff = backoff;
    this.#events = events;
    this.#renewal = new Renewal(env, settings.token, (error) => events.fault(error));
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Does nothing unless idle. */
  start(): void {
    if (this.#state.kind === "idle") this.#attempt();
  }

  /** The network or the page came back: what was awaited is done now. */
  wake(): void {
    if (this.#state.kind === "waiting") this.#attempt();
    if (this.#state.kind === "connected") this.#connection?.check(this.#settings.timeouts.wake);
  }

  stop(ending: Ending): Promise<void> {
    const old = this.#detach();
    if (this.#state.kind !== "closed") this.#finish(ending);
    return new Promise((resolve) => {
      const cancel = this.#env.clock.after(CLOSE_WAIT, resolve);
      const closed = (): void => (cancel(), resolve());
      if (old) old.close(closed);
      else closed();
    });
  }

  #attempt(): void {
    const { endpoints, timeouts } = this.#settings;
    const endpoint = endpoints[this.#nextEndpoint++ % endpoints.length] ?? endpoints[0];
    const connection = this.#fresh(endpoint);
    this.#cancel();
    this.#cancel = this.#env.clock.after(timeouts.connect, () =>
      connection.fail("timeout", `not connected within ${timeouts.connect} ms`),
    );
    this.#connection = connection;
    this.#set({ kind: "connecting", endpoint, attempt: ++this.#tries });
    void this.#open(connection, endpoint);
  }

  async #open(connection: Connection, endpoint: string): Promise<void> {
    try {
      const token = await this.#renewal.token();
      connection.open(endpoint, { token, ...this.#events.hello() });
    } catch (thrown) {
      const error = thrown as TidegateError;
      if (this.#connection === connection) this.#events.fault(error);
      connection.fail(error.reason, error.message);
    }
  }

  #fresh(endpoint: string): Connection {
    const connection = new Connection(this.#env, this.#settings.timeouts, {
      connected: (reply) => this.#connected(connection, endpoint, reply),
      push: (push) => (push.kind === "reconnect" ? this.#move(push.delay, push.spread) : this.#events.push(push)),
      fault: (error) => this.#events.fault(error),
      ended: (ending) => {
        this.#detach();
        this.#next(ending);
      },
    });
    return connection;
  }

  #connected(connection: Connection, endpoint: string, reply: Replies["connect"]): void {
    this.#cancel();
    this.#refusals = 0;
    this.#since = this.#env.clock.now();
    this.#renewal.start(connection, reply.expires);
    this.#set({ kind: "connected", endpoint, session: reply.session, user: reply.user });
    // A state handler may have closed the client.
    if (this.#connection === connection) this.#events.up(connection, reply);
  }

  /** The connection stays in use until its successor starts. */
  #move(delay: number, spread: number): void {
    const wait = Math.round(bounded(delay) + this.#env.random() * bounded(spread));
    this.#cancel();
    this.#cancel = this.#env.clock.after(wait, () => {
      this.#detach()?.close();
      this.#tries = 0;
      this.#attempt();
    });
    this.#events.moving(wait);
  }

  #detach(): Connection | undefined {
    this.#cancel();
    this.#renewal.stop();
    const old = this.#connection;
    this.#connection = undefined;
    if (this.#state.kind === "connected") {
      if (this.#env.clock.now() - this.#since >= this.#settings.timeouts.stable) this.#tries = 0;
      this.#events.down();
    }
    return old;
  }

  #next(ending: Ending): void {
    if (this.#state.kind === "closed") return;
    if (ending.action === "stop" || (ending.action === "new-token" && !this.#mayRenew())) return this.#finish(ending);
    // Every endpoint has its turn before the waits grow.
    const rounds = Math.floor(Math.max(0, this.#tries - 1) / this.#settings.endpoints.length);
    const wait = this.#backoff(rounds, ending.reason);
    this.#cancel = this.#env.clock.after(wait, () => this.#attempt());
    const { reason, message } = ending;
    this.#set({ kind: "waiting", retryAt: this.#env.clock.now() + wait, attempt: this.#tries, reason, message });
  }

  #mayRenew(): boolean {
    return this.#renewal.canRenew && ++this.#refusals < REFUSALS;
  }

  #finish(ending: Ending): void {
    this.#set({ kind: "closed", reason: ending.reason, message: ending.message, code: ending.code });
  }

  #set(state: ClientState): void {
    this.#state = state;
    this.#events.state(state);
  }
}

export function closedError(state: ClientState): TidegateError {
  const why = state.kind === "closed" ? state.message : "it was closed";
  return clientError("closed", `the client is closed: ${why}`);
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0) || 0, LONGEST_MOVE);
}
