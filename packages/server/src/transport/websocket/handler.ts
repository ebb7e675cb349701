import type { ServerWebSocket, WebSocketHandler } from "bun";
import type { Services } from "../../session/services.ts";
import { receive } from "../../session/receive.ts";
import { Session, type SessionCodec } from "../../session/session.ts";
import type { Admission } from "../admission.ts";
import { CompressedConnection } from "./compressed.ts";

/** What a socket carries between the handshake and `open`. */
export class Pending {
  readonly codec: SessionCodec;
  readonly address: string;

  constructor(codec: SessionCodec, address: string) {
    this.codec = codec;
    this.address = address;
  }
}

/** A socket carries its session itself: with very many connections every object between counts. */
export type SocketData = Pending | Session;

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
      if (!(ws.data instanceof Pending)) return;
      const connection = settings.compression ? new CompressedConnection(ws) : ws;
      ws.data = new Session(connection, ws.data.codec, services, ws.data.address);
    },
    message(ws, frame) {
      if (ws.data instanceof Session) receive(ws.data, frame);
    },
    drain(ws) {
      if (ws.data instanceof Session) ws.data.drained();
    },
    close(ws, code) {
      if (!(ws.data instanceof Session)) return admission.leave(ws.data.address);
      ws.data.closed(code === NORMAL_CLOSURE);
      admission.leave(ws.data.remote);
    },
  };
}

/** Bun pings a quiet client before this time and cuts it after. It counts in seconds, from 8 to 960. */
export function idleSeconds({ interval, timeout }: WebSocketSettings["heartbeat"]): number {
  return Math.min(960, Math.max(8, Math.ceil((interval + timeout) / 1000)));
}
