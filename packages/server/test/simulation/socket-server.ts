import type { ServerWebSocket, WebSocketHandler } from "bun";
import type { Fanout, Frame } from "../../src/delivery/connection.ts";
import type { Admission } from "../../src/transport/admission.ts";
import { WEBSOCKET_CODECS } from "../../src/transport/websocket/codecs.ts";
import { Pending, type SocketData } from "../../src/transport/websocket/handler.ts";
import type { SessionCodec } from "../../src/session/session.ts";
import type { ServerSocket } from "./server-socket.ts";

export interface SocketServerSettings {
  /** Bytes not taken by a client at which its connection is cut. */
  readonly hardLimit: number;
  readonly admission: Admission;
  readonly codec: (codec: SessionCodec) => SessionCodec;
}

type Handler = WebSocketHandler<SocketData>;

/** The server's side of all connections, and the fan-out between them: what Bun's native `publish` does. */
export class SocketServer implements Fanout {
  readonly hardLimit: number;
  readonly sockets = new Set<ServerSocket>();
  readonly #settings: SocketServerSettings;
  readonly #handler: Handler;
  readonly #groups = new Map<string, Set<ServerSocket>>();

  constructor(handler: Handler, settings: SocketServerSettings) {
    this.hardLimit = settings.hardLimit;
    this.#settings = settings;
    this.#handler = handler;
  }

  /** The product's handlers, for the sockets of this side. */
  get handler(): { message(socket: ServerSocket, frame: Frame): void; drain(socket: ServerSocket): void } {
    const { message, drain } = this.#handler;
    return {
      message: (socket, frame) => void message?.(real(socket), frame as string),
      drain: (socket) => void drain?.(real(socket)),
    };
  }

  /** Groups that have a connection in them. */
  get groups(): number {
    return this.#groups.size;
  }

  opened(socket: ServerSocket, subprotocol: string, address: string): void {
    const codec = WEBSOCKET_CODECS.get(subprotocol);
    if (codec === undefined) throw new Error(`no codec for ${subprotocol}`);
    this.sockets.add(socket);
    this.#settings.admission.enter(address);
    socket.data = new Pending(this.#settings.codec(codec), address);
    void this.#handler.open?.(real(socket));
  }

  closed(socket: ServerSocket, code: number): void {
    this.sockets.delete(socket);
    void this.#handler.close?.(real(socket), code, "");
  }

  join(group: string, socket: ServerSocket): void {
    const members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, new Set([socket]));
    else members.add(socket);
  }

  leave(group: string, socket: ServerSocket): void {
    const members = this.#groups.get(group);
    if (members?.delete(socket) === true && members.size === 0) this.#groups.delete(group);
  }

  leaveAll(socket: ServerSocket): void {
    for (const group of [...this.#groups.keys()]) this.leave(group, socket);
  }

  publish(group: string, frame: Frame): void {
    for (const socket of this.#groups.get(group) ?? []) socket.publish(frame);
  }

  /** The end of a turn: what was published goes out, and who is past the hard bound is cut. */
  endTurn(): void {
    for (const socket of [...this.sockets]) {
      socket.flushPublished();
      if (socket.doomed) socket.gone(1006);
    }
  }
}

/** A session uses of Bun's socket only what `Connection` names, and its `data`. */
function real(socket: ServerSocket): ServerWebSocket<SocketData> {
  return socket as unknown as ServerWebSocket<SocketData>;
}
