import type { Frame } from "../../src/delivery/connection.ts";
import type { Node } from "./node.ts";
import { ServerSocket } from "./server-socket.ts";
import type { Random } from "../support/random.ts";

/** The client's end of a connection. */
export interface ClientEnd {
  readonly name: string;
  readonly subprotocol: string;
  opened(): void;
  frame(frame: Frame): void;
  /** Once; nothing comes after it. */
  closed(code: number): void;
}

/** A close frame, or the end of the stream (1006), behind the frames that were sent before it. */
export interface Closing {
  readonly close: number;
}

export type Item = Frame | Closing;

/** One connection over a network that loses it at any moment, with what was under way from some point on. */
export class Line {
  readonly client: ClientEnd;
  readonly server: ServerSocket;
  /** The gateway at its other end. */
  readonly node: Node;
  /** Milliseconds since 1970. */
  lostAt: number | undefined = undefined;
  /** The client does not read. */
  stalled = false;
  readonly #toServer: Item[] = [];
  #opened = false;
  #clientOver = false;
  #clientClosing = false;

  constructor(client: ClientEnd, node: Node, settings: { readonly capacity: number; readonly tellsAtOnce: boolean }) {
    this.client = client;
    this.node = node;
    this.server = new ServerSocket(node.sockets, settings);
  }

  /** Both ends know that it is over. */
  get isOver(): boolean {
    return this.#clientOver && this.server.isClosed;
  }

  get waitsUp(): number {
    return this.server.isClosed ? 0 : this.#toServer.length + (this.#opened ? 0 : 1);
  }

  get waitsDown(): number {
    return this.#clientOver || this.stalled ? 0 : this.server.wire.length;
  }

  /** From the client. */
  send(frame: Frame): void {
    if (!this.#clientOver && !this.#clientClosing && this.lostAt === undefined) this.#toServer.push(frame);
  }

  /** The client closes in good order. */
  close(code: number): void {
    if (this.#clientOver || this.#clientClosing) return;
    this.#clientClosing = true;
    if (this.lostAt === undefined) this.#toServer.push({ close: code });
  }

  /** The handshake, or one frame, comes to the server. */
  carryUp(): void {
    if (!this.#opened) {
      this.#opened = true;
      this.server.open(this.client.subprotocol, this.client.name);
      if (!this.#clientOver) this.client.opened();
      return;
    }
    const item = this.#toServer.shift();
    if (item === undefined || this.server.isClosed) return;
    if (typeof item === "string" || item instanceof Uint8Array) this.server.receive(item);
    else this.server.gone(item.close);
  }

  /** One frame comes to the client. */
  carryDown(): void {
    const item = this.server.take();
    if (item === undefined || this.#clientOver) return;
    if (typeof item === "string" || item instanceof Uint8Array) return this.client.frame(item);
    this.clientLearns(item.close);
    if (!this.server.isClosed && this.lostAt === undefined) this.#toServer.push({ close: item.close });
  }

  /** The network loses the connection: of what is under way either way only the first part still arrives. */
  lose(random: Random, now: number): void {
    if (this.lostAt !== undefined) return;
    this.lostAt = now;
    this.#toServer.length = random.int(0, this.#toServer.length);
    this.server.lose(random.int(0, this.server.wire.length));
  }

  /** The server was killed. */
  serverDies(random: Random, now: number): void {
    this.lostAt ??= now;
    this.server.vanish(random.int(0, this.server.wire.length));
  }

  /** The server finds out: a time-out or a reset. */
  serverLearns(): void {
    this.server.gone(1006);
  }

  clientLearns(code = 1006): void {
    if (this.#clientOver) return;
    this.#clientOver = true;
    this.client.closed(code);
  }
}
