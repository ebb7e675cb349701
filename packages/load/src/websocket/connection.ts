import type { Socket } from "bun";
import type { Link, LinkHandler } from "../client/link.ts";
import { write } from "../tcp/write.ts";
import { clientFrame, OPCODE } from "./frame.ts";
import { FrameReader, type FrameHandler } from "./frame-reader.ts";
import { readUpgradeAnswer, upgradeRequest, type Endpoint } from "./handshake.ts";

/**
 * One WebSocket on a bare TCP socket. Bun's own client does more than a load generator can pay for at a hundred
 * thousand messages a second: an event, a string and a buffer for each of them.
 */
export class Connection implements FrameHandler, Link {
  readonly #endpoint: Endpoint;
  readonly #handler: LinkHandler;
  readonly #frames = new FrameReader();
  readonly #opened = Promise.withResolvers<void>();
  #socket: Socket<Connection> | undefined;
  /** The answer to the upgrade as far as it came; undefined once the WebSocket is open. */
  #head: Uint8Array | undefined = new Uint8Array(0);
  #unsent: Uint8Array | undefined;
  #closing = false;

  private constructor(endpoint: Endpoint, handler: LinkHandler) {
    this.#endpoint = endpoint;
    this.#handler = handler;
  }

  /** Resolves when the upgrade is answered; rejects if the server is away or refuses. */
  static async open(endpoint: Endpoint, handler: LinkHandler): Promise<Connection> {
    const connection = new Connection(endpoint, handler);
    const { host: hostname, port } = endpoint;
    await Bun.connect<Connection>({ hostname, port, data: connection, socket: SOCKET_EVENTS });
    await connection.#opened.promise;
    return connection;
  }

  send(frames: Uint8Array): void {
    this.#unsent = write(this.#socket, frames, this.#unsent);
  }

  /** Without the closing handshake: the server sees the connection end. */
  close(): void {
    this.#closing = true;
    this.#socket?.end();
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#handler.message(bytes, start, end);
  }

  control(opcode: number, payload: Uint8Array): void {
    if (opcode === OPCODE.ping) this.send(clientFrame(OPCODE.pong, payload));
    if (opcode === OPCODE.close) this.#fail(`the server closed: ${closeText(payload)}`);
  }

  started(socket: Socket<Connection>): void {
    this.#socket = socket;
    const { host, port, path, subprotocol } = this.#endpoint;
    this.send(new TextEncoder().encode(upgradeRequest({ host: `${host}:${port}`, path, subprotocol })));
  }

  received(chunk: Uint8Array): void {
    try {
      const frames = this.#head === undefined ? chunk : this.#readHead(chunk);
      if (frames === undefined) return;
      this.#frames.read(frames, this);
      this.#handler.endOfRead();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  drained(): void {
    if (this.#unsent !== undefined) this.#unsent = write(this.#socket, this.#unsent, undefined);
  }

  ended(): void {
    if (!this.#closing) this.#fail("the connection ended");
  }

  #readHead(chunk: Uint8Array): Uint8Array | undefined {
    const head = Buffer.concat([this.#head ?? new Uint8Array(0), chunk]);
    const length = readUpgradeAnswer(head, this.#endpoint.subprotocol);
    this.#head = length === undefined ? head : undefined;
    if (length === undefined) return undefined;
    this.#opened.resolve();
    return head.subarray(length);
  }

  #fail(reason: string): void {
    if (this.#closing) return;
    this.close();
    if (this.#head === undefined) this.#handler.lost(reason);
    else this.#opened.reject(new Error(reason));
  }
}

const SOCKET_EVENTS = {
  open: (socket: Socket<Connection>) => socket.data.started(socket),
  data: (socket: Socket<Connection>, chunk: Uint8Array) => socket.data.received(chunk),
  drain: (socket: Socket<Connection>) => socket.data.drained(),
  close: (socket: Socket<Connection>) => socket.data.ended(),
  end: (socket: Socket<Connection>) => socket.data.ended(),
};

function closeText(payload: Uint8Array): string {
  if (payload.length < 2) return "no code";
  const reason = new TextDecoder().decode(payload.subarray(2));
  return `${(payload[0]! << 8) | payload[1]!} ${reason}`.trim();
}
