import type { ServerWebSocket, WebSocketHandler } from "bun";
import type { Connection } from "../../delivery/connection.ts";
import type { Services } from "../../session/services.ts";
import { receive } from "../../session/receive.ts";
import { Session, type SessionCodec } from "../../session/session.ts";
import type { Admission } from "../admission.ts";
import { CompressedConnection } from "./compressed.ts";

/** Who gets what comes over a WebSocket. A socket carries it itself: with very many connections every object between counts. */
export interface Receiver {
  /** Address of the client. */
  readonly remote: string;
  message(frame: string | Uint8Array): void;
  /** The client has taken some of what was waiting. */
  drained(): void;
  /** The connection is gone. `wished`: by the client's own close frame. */
  closed(wished: boolean): void;
}

/** What a socket carries between the handshake and `open`: who will be its receiver. One class for each protocol. */
export abstract class Upgraded {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /** `connection` is the socket, or what compresses for it. */
  abstract open(socket: ServerWebSocket<SocketData>, connection: Connection, services: Services): Receiver;
}

/** A socket that will carry commands. */
export class Pending extends Upgraded {
  readonly #codec: SessionCodec;

  constructor(codec: SessionCodec, address: string) {
    super(address);
    this.#codec = codec;
  }

  open(_socket: ServerWebSocket<SocketData>, connection: Connection, services: Services): Receiver {
    return new SocketSession(connection, this.#codec, services, this.address);
  }
}

class SocketSession extends Session implements Receiver {
  message(frame: string | Uint8Array): void {
    receive(this, frame);
  }
}

export type SocketData = Upgraded | Receiver;

export interface WebSocketSettings {
  readonly maxFrame: number;
  readonly compression: boolean;
  readonly maxBuffered: number;
  /** Milliseconds. */
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
}

/** Bytes past which a connection is cut at once: the sweeper, which looks once a second, acts at `maxBuffered`. */
const HARD_LIMIT = 8;

/** The client closed with this code: it meant to leave. [RFC 6455, 7.4.1] */
const NORMAL_CLOSURE = 1000;

export function websocketHandler(
  services: Services,
  admission: Admission,
  settings: WebSocketSettings,
): WebSocketHandler<SocketData> {
  return {
    maxPayloadLength: settings.maxFrame,
    perMessageDeflate: settings.compression,
    // A message must never be dropped in silence: past the limit the connection ends and the client resumes.
    backpressureLimit: settings.maxBuffered * HARD_LIMIT,
    closeOnBackpressureLimit: true,
    sendPings: true,
    idleTimeout: idleSeconds(settings.heartbeat),
    open(ws: ServerWebSocket<SocketData>) {
      if (!(ws.data instanceof Upgraded)) return;
      const connection = settings.compression ? new CompressedConnection(ws) : ws;
      ws.data = ws.data.open(ws, connection, services);
    },
    message(ws, frame) {
      if (!(ws.data instanceof Upgraded)) ws.data.message(frame);
    },
    drain(ws) {
      if (!(ws.data instanceof Upgraded)) ws.data.drained();
    },
    close(ws, code) {
      if (ws.data instanceof Upgraded) return admission.leave(ws.data.address);
      ws.data.closed(code === NORMAL_CLOSURE);
      admission.leave(ws.data.remote);
    },
  };
}

/** Bun pings a quiet client before this time and cuts it after. It counts in seconds, from 8 to 960. */
function idleSeconds({ interval, timeout }: WebSocketSettings["heartbeat"]): number {
  return Math.min(960, Math.max(8, Math.ceil((interval + timeout) / 1000)));
}
