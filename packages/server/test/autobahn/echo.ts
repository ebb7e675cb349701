import type { Server } from "bun";
import { systemClock } from "../../src/clock.ts";
import type { Services } from "../../src/session/services.ts";
import { Admission } from "../../src/transport/admission.ts";
import { websocketHandler, type SocketData } from "../../src/transport/websocket/handler.ts";
import { NATIVE_SUBPROTOCOLS } from "../../src/transport/websocket/codecs.ts";
import { upgrade } from "../../src/transport/websocket/upgrade.ts";

export interface EchoOptions {
  /** permessage-deflate. [RFC 7692] */
  readonly compression: boolean;
}

/** Case 9.1.6 sends a message of 16 MiB, so the bound is above that. */
const MAX_FRAME = 17 * 1024 * 1024;

const LIMITS = { max: 1000, perAddress: 0, acceptRate: 10_000, acceptBurst: 10_000 };

/** No session is made here, and of the services the transport itself asks only this one. */
const SERVICES = { isDraining: () => false } as Partial<Services> as Services;

/**
 * The server's own WebSocket transport, handshake and settings, with the session left out: every message goes back as it
 * came. Listens on loopback, on a free port.
 */
export function startEcho({ compression }: EchoOptions): Server<SocketData> {
  const admission = new Admission(LIMITS, systemClock);
  const heartbeat = { interval: 60_000, timeout: 60_000 };
  const settings = { maxFrame: MAX_FRAME, maxBuffered: MAX_FRAME, compression, heartbeat };
  const parts = {
    services: SERVICES,
    admission,
    allowedOrigins: ["*"],
    trustProxy: false,
    subprotocols: NATIVE_SUBPROTOCOLS,
  };
  return Bun.serve<SocketData>({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, server) => upgrade(request, server, parts),
    websocket: {
      ...websocketHandler(SERVICES, admission, settings),
      open: () => {},
      message: (socket, message) => void socket.send(message, compression),
    },
  });
}
