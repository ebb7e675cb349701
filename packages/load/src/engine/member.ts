import type { Socket } from "bun";
import { write } from "../tcp/write.ts";
import type { Crowd } from "./crowd.ts";

/** Bytes that wait for a server that does not read: more are not taken, and the message counts as an error. */
const MAX_UNSENT = 4 * 1024 * 1024;

/**
 * One connection of a load. There are tens of thousands: it is small, has no timers, promises or closures of its own,
 * and what is common to a population is in its crowd.
 */
export class Member {
  readonly crowd: Crowd;
  /** In its population, over all agents. */
  readonly number: number;
  /** In its crowd. */
  readonly local: number;
  state: "away" | "connecting" | "ready" = "away";
  /** Whether the phases want it connected. */
  wanted = false;
  /** It has come: messages are due from it, also while its connection is lost, until it is closed on purpose. */
  active = false;
  /** Microseconds: when this connection was due, and when its set-up is given up. */
  due = 0;
  /** Attempts to connect that failed since it was last ready. */
  failures = 0;
  /** How far the driver has set it up. */
  step = 0;
  /** What else the driver must remember. */
  memory: unknown = undefined;
  /** Publishes so far. */
  ids = 0;
  /** Due moments of publishes without an answer, by id. */
  unanswered: Map<number, number> | undefined;
  #socket: Socket<Member> | undefined;
  #rest: Uint8Array | undefined;
  #unsent: Uint8Array | undefined;

  constructor(crowd: Crowd, number: number, local: number) {
    this.crowd = crowd;
    this.number = number;
    this.local = local;
  }

  get socket(): Socket<Member> | undefined {
    return this.#socket;
  }

  /** Bytes are copied where they have to wait. */
  send(bytes: Uint8Array): void {
    this.crowd.counters.bytesOut += bytes.length;
    this.#unsent = write(this.#socket, bytes, this.#unsent);
  }

  /** Whether the server has left so much unread that nothing more is sent. */
  get full(): boolean {
    return this.#unsent !== undefined && this.#unsent.length > MAX_UNSENT;
  }

  /** Ends the connection on purpose: that an answer does not come any more is nobody's error. */
  close(): void {
    this.active = false;
    this.unanswered?.clear();
    const { farewell } = this.crowd.driver;
    if (this.state === "ready" && farewell !== undefined) this.send(farewell);
    const socket = this.#socket;
    this.#forget();
    socket?.end();
  }

  /** The connection was good for one call. The member stays ready; `crowd.dial` makes the next connection. */
  release(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#rest = undefined;
    this.#unsent = undefined;
    socket?.end();
  }

  started(socket: Socket<Member>): void {
    if (this.take(socket)) this.crowd.driver.begin(this);
  }

  /** The socket is the member's now. False if nobody waits for it any more. */
  take(socket: Socket<Member>): boolean {
    if (this.state === "away" || this.#socket !== undefined) {
      socket.end();
      return false;
    }
    this.#socket = socket;
    return true;
  }

  /** The TLS handshake is over. Nothing was sent before. */
  secured(socket: Socket<Member>, trusted: boolean, error: Error | null): void {
    if (socket !== this.#socket) return;
    if (trusted) this.crowd.driver.begin(this);
    else this.fail("refused", `TLS: ${error?.message ?? "the handshake failed"}`);
  }

  received(socket: Socket<Member>, chunk: Uint8Array): void {
    if (socket !== this.#socket) return;
    this.crowd.took(this, chunk.length);
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      const end = this.crowd.driver.read(this, bytes);
      // The chunk belongs to the socket: what is kept must be a copy.
      this.#rest = end < bytes.length ? bytes.slice(end) : undefined;
    } catch (error) {
      this.fail("protocol", error instanceof Error ? error.message : String(error));
    }
  }

  drained(): void {
    if (this.#unsent !== undefined) this.#unsent = write(this.#socket, this.#unsent, undefined);
  }

  ended(socket: Socket<Member>): void {
    if (socket === this.#socket) this.fail("disconnected", "the server ended the connection");
  }

  /** It does not go on, and not on purpose. */
  fail(kind: string, text: string): void {
    if (this.state === "away") return;
    const before = this.state;
    const socket = this.#socket;
    this.#forget();
    socket?.end();
    this.crowd.failed(this, before === "ready" ? kind : `set-up: ${kind}`, text);
  }

  #forget(): void {
    const before = this.state;
    this.state = "away";
    this.step = 0;
    this.memory = undefined;
    this.#socket = undefined;
    this.#rest = undefined;
    this.#unsent = undefined;
    if (before !== "away") this.crowd.left(this, before);
  }
}

export const SOCKET_EVENTS = {
  open: (socket: Socket<Member>) => socket.data.started(socket),
  data: (socket: Socket<Member>, chunk: Uint8Array) => socket.data.received(socket, chunk),
  drain: (socket: Socket<Member>) => socket.data.drained(),
  close: (socket: Socket<Member>) => socket.data.ended(socket),
  end: (socket: Socket<Member>) => socket.data.ended(socket),
  error: (socket: Socket<Member>, error: Error) => socket.data.fail("socket", error.message),
};

/** For TLS: the driver begins after the handshake. */
export const SECURE_EVENTS = {
  ...SOCKET_EVENTS,
  open: (socket: Socket<Member>) => void socket.data.take(socket),
  handshake: (socket: Socket<Member>, trusted: boolean, error: Error | null) =>
    socket.data.secured(socket, trusted, error),
};
