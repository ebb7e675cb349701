import type { Connection, Frame } from "../../src/delivery/connection.ts";
import type { SocketData } from "../../src/transport/websocket/handler.ts";
import type { Item } from "./line.ts";
import type { SocketServer } from "./socket-server.ts";

/** The server's end of a connection: what Bun's `ServerWebSocket` does, as far as a session can tell. */
export class ServerSocket implements Connection {
  data!: SocketData;
  /** What the network has taken from the server and the client has not yet read. */
  readonly wire: Item[] = [];
  readonly #server: SocketServer;
  readonly #settings: { readonly capacity: number; readonly tellsAtOnce: boolean };
  /** Sent, and not taken by the network: it was not read fast enough. */
  #queue: Item[] = [];
  #queued = 0;
  #onWire = 0;
  /** Published in this turn: it goes out at its end, or before the next `send`. */
  #published: Frame[] = [];
  #state: "new" | "open" | "closing" | "closed" = "new";
  #lost = false;
  #code = 1006;
  /** Past the hard bound: cut when the turn ends. */
  doomed = false;

  constructor(server: SocketServer, settings: { readonly capacity: number; readonly tellsAtOnce: boolean }) {
    this.#server = server;
    this.#settings = settings;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  send(frame: Frame): number {
    if (this.#state !== "open") return 0;
    this.flushPublished();
    this.#write(frame);
    return 1;
  }

  cork(sends: () => void): void {
    sends();
  }

  subscribe(group: string): void {
    if (this.#state === "open") this.#server.join(group, this);
  }

  unsubscribe(group: string): void {
    this.#server.leave(group, this);
  }

  getBufferedAmount(): number {
    return this.#queued;
  }

  /** Sends a close frame behind all that was sent. */
  close(code: number, _reason: string): void {
    if (this.#state !== "open") return;
    this.flushPublished();
    this.#write({ close: code });
    this.#state = "closing";
    this.#code = code;
    this.#server.leaveAll(this);
    if (!this.#settings.tellsAtOnce) return;
    this.#state = "closed";
    this.#server.closed(this, code);
  }

  terminate(): void {
    this.gone(1006);
  }

  open(subprotocol: string, address: string): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#server.opened(this, subprotocol, address);
  }

  receive(frame: Frame): void {
    if (this.#state === "open") this.#server.handler.message(this, frame);
  }

  /** The connection is over for the server. */
  gone(code: number): void {
    if (this.#state === "closed") return;
    const before = this.#state;
    this.#state = "closed";
    this.#published = [];
    // What it had not sent before it went is lost.
    this.#queue = [];
    this.#queued = 0;
    this.#server.leaveAll(this);
    if (!this.#lost) this.wire.push({ close: code });
    if (before !== "new") this.#server.closed(this, before === "closing" ? this.#code : code);
  }

  /** The server's process is dead: nobody is told. The first `rest` frames on the wire still arrive. */
  vanish(rest: number): void {
    this.#state = "closed";
    this.lose(rest);
  }

  publish(frame: Frame): void {
    this.#published.push(frame);
  }

  flushPublished(): void {
    const frames = this.#published;
    this.#published = [];
    for (const frame of frames) this.#write(frame);
  }

  /** The client reads one frame. */
  take(): Item | undefined {
    const item = this.wire.shift();
    this.#onWire -= sizeOf(item);
    const before = this.#queued;
    this.#pump();
    if (this.#queued < before && this.#state === "open") this.#server.handler.drain(this);
    return item;
  }

  /** The network carries nothing any more but the first `rest` frames that it has. */
  lose(rest: number): void {
    this.#lost = true;
    this.wire.length = rest;
  }

  #write(item: Item): void {
    if (this.#state === "closed") return;
    this.#queue.push(item);
    this.#queued += sizeOf(item);
    this.#pump();
    if (this.#queued > this.#server.hardLimit) this.doomed = true;
  }

  #pump(): void {
    while (!this.#lost && this.#queue.length > 0 && this.#onWire < this.#settings.capacity) {
      const item = this.#queue.shift();
      if (item === undefined) return;
      this.#queued -= sizeOf(item);
      this.#onWire += sizeOf(item);
      this.wire.push(item);
    }
  }
}

/** Close frames cost nothing here: they always fit. */
function sizeOf(item: Item | undefined): number {
  if (typeof item === "string") return item.length;
  return item instanceof Uint8Array ? item.byteLength : 0;
}
