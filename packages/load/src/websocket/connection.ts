import type { Socket } from "bun";
import { clientFrame, OPCODE } from "./frame.ts";
import { FrameReader, type FrameHandler } from "./frame-reader.ts";
import { readUpgradeAnswer, upgradeRequest, type Endpoint } from "./handshake.ts";

export interface ConnectionHandler {
  /** A text or binary message: `bytes[start..end)`, good only during the call. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** All messages of one read were given to `message`: the moment to write once for all of them. */
  endOfRead(): void;
  /** It ended, and not by `close()`. */
  lost(reason: string): void;
}

/**
 * One WebSocket on a bare TCP socket. Bun's own client does more than a load generator can pay for at a hundred
 * thousand messages a second: an event, a string and a buffer for each of them.
 */
export class Connection implements FrameHandler {
  readonly #endpoint: Endpoint;
  readonly #handler: ConnectionHandler;
  readonly #frames = new FrameReader();
  readonly #opened = Promise.withResolvers<void>();
  #socket: Socket<Connection> | undefined;
  /** The answer to the upgrade as far as it came; undefined once the WebSocket is open. */
  #head: Uint8Array | undefined = new Uint8Array(0);
  #unsent: Uint8Array | undefined;
  #closing = false;

  private constructor(endpoint: Endpoint, handler: ConnectionHandler) {
    this.#endpoint = endpoint;
    this.#handler = handler;
  }

  /** Resolves when the upgrade is answered; rejects if the server is away or refuses. */
  static async open(endpoint: Endpoint, handler: ConnectionHandler): Promise<Connection> {
    const connection = new Connection(endpoint, handler);
    const { host: hostname, port } = endpoint;
    await Bun.connect<Connection>({ hostname, port, data: connection, socket: SOCKET_EVENTS });
    await connection.#opened.promise;
    return connection;
  }

  /** `frames` may be used again after the call. */
  send(frames: Uint8Array): void {
    if (this.#unsent !== undefined) {
      this.#unsent = Buffer.concat([this.#unsent, frames]);
      return;
    }
    const written = Math.max(0, this.#socket?.write(frames) ?? 0);
    if (written < frames.length) this.#unsent = frames.slice(written);
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
    const frames = this.#unsent;
    if (frames === undefined) return;
    this.#unsent = undefined;
    this.send(frames);
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
