import { CLOSES, type CloseReason, type Origin, type ProtocolError, protocolError } from "@tidegate/protocol";
import type { Identity } from "../auth/index.ts";
import type { Connection, Encoder, Frame } from "../delivery/connection.ts";
import type { Subscriber, Subscription } from "../delivery/subscription.ts";
import { increase, type Services } from "./services.ts";
import { WriteTurns } from "./write-turns.ts";

/** How one kind of client is spoken to. */
export interface SessionEncoder extends Encoder {
  readonly origin: Origin;
}

export type SessionState =
  /** Nobody yet. */
  | { readonly kind: "new"; readonly since: number }
  /** The token is being checked. */
  | { readonly kind: "authenticating"; readonly since: number }
  | OpenState
  /** A close frame was sent; the client has until `deadline` to answer it. */
  | { readonly kind: "closing"; readonly deadline: number }
  | { readonly kind: "closed" };

/** A client that the server knows. Small and flat: there are very many. */
export interface OpenState {
  readonly kind: "open";
  identity: Identity;
  readonly subscriptions: Subscription[];
  /** Topics in which this session is present; made when first needed. */
  present: Set<string> | undefined;
  /** Tokens in the publish bucket, and when they were counted. */
  tokens: number;
  counted: number;
}

/** Milliseconds that a client has to answer a close frame. */
const CLOSE_WAIT = 5000;

/** Half of the buffer bound must be free before a reader of history gets the next page. */
const WRITABLE_SHARE = 0.5;

/** One client's connection, from its first byte to its last, whatever protocol it speaks. */
export class ClientSession implements Subscriber {
  readonly connection: Connection;
  readonly encoder: SessionEncoder;
  readonly services: Services;
  /** Address of the client, for logs and limits. */
  readonly remote: string;
  readonly #number: number;
  state: SessionState;
  /** Place in the session table. */
  index = -1;
  #turns: WriteTurns | undefined = undefined;

  constructor(connection: Connection, encoder: SessionEncoder, services: Services, remote: string) {
    this.connection = connection;
    this.encoder = encoder;
    this.services = services;
    this.remote = remote;
    this.#number = ++services.counters.opened;
    this.state = { kind: "new", since: services.clock.now() };
    services.sessions.add(this);
  }

  /** Unique on this node while it runs. */
  get id(): string {
    return `${this.services.nodeId}-${this.#number.toString(36)}`;
  }

  get open(): OpenState | undefined {
    return this.state.kind === "open" ? this.state : undefined;
  }

  send(frame: Frame): void {
    if (this.state.kind !== "closed") this.connection.send(frame);
  }

  whenWritable(): Promise<void> {
    if (this.state.kind === "closed") return Promise.resolve();
    this.#turns ??= new WriteTurns(this.services.clock, () => this.#isWritable());
    return this.#turns.next();
  }

  /** The client has taken some of what was waiting. */
  drained(): void {
    if (!this.#isAwaited() || !this.#isWritable()) return;
    this.#turns?.go();
    for (const subscription of this.open?.subscriptions ?? []) subscription.catchOn();
  }

  /** Tells the client why, and ends the connection when it answers or when its time is over. */
  close(reason: CloseReason, message: string): void {
    if (this.state.kind === "closing" || this.state.kind === "closed") return;
    increase(this.services.counters.closes, reason);
    this.#leave(false);
    this.state = { kind: "closing", deadline: this.services.clock.now() + CLOSE_WAIT };
    this.connection.close(CLOSES[reason].code, closeText(message));
  }

  /** The connection is gone. `wished`: by the client's own close frame. */
  closed(wished: boolean): void {
    if (this.state.kind === "closed") return;
    this.#leave(true, wished);
    this.state = { kind: "closed" };
    this.services.sessions.remove(this);
    this.services.counters.closed += 1;
    this.#turns?.releaseAll();
  }

  #leave(closed: boolean, wished = false): void {
    const { open, services } = this;
    if (open === undefined) return;
    if (open.identity.user !== undefined) services.sessions.countUser(open.identity.user, -1);
    for (const topic of open.present ?? []) {
      services.audience.remove(topic, this);
      // Who goes while the node drains was asked to, and is about to come back on another one.
      services.presence.exit(topic, this.id, wished && !services.isDraining());
    }
    for (const subscription of open.subscriptions) subscription.end(closed);
    open.subscriptions.length = 0;
  }

  /** Whether somebody may wait for the client to take more. The sweeper comes by for every session, every second. */
  #isAwaited(): boolean {
    if (this.#turns !== undefined) return true;
    const { state } = this;
    return state.kind === "open" && state.subscriptions.some(isLagging);
  }

  #isWritable(): boolean {
    return this.connection.getBufferedAmount() <= this.services.limits.maxBuffered * WRITABLE_SHARE;
  }
}

function isLagging({ mode }: Subscription): boolean {
  return mode.kind === "lagging";
}

/** Bytes of the reason of a close frame. [RFC 6455, 5.5] */
const CLOSE_TEXT = 123;

function closeText(message: string): string {
  return message.slice(0, new TextEncoder().encodeInto(message, new Uint8Array(CLOSE_TEXT)).read);
}

export function internalError(services: Services, error: unknown, doing: string): ProtocolError {
  services.logger.error({ err: error }, `fault while ${doing}`);
  return protocolError("internal", "a fault of the server; it is in the server's log");
}
