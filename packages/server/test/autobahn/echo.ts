import type { Server } from "bun";

export interface EchoOptions {
  /** permessage-deflate. [RFC 7692] */
  readonly compression: boolean;
}

/** Case 9.1.6 sends a message of 16 MiB, so the bound is above that. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

/** Sends every message back as it came. Listens on loopback, on a free port. */
export function startEcho({ compression }: EchoOptions): Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 })),
    websocket: {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      backpressureLimit: 4 * MAX_MESSAGE_BYTES,
      perMessageDeflate: compression,
      idleTimeout: 120,
      message: (socket, message) => void socket.send(message, compression),
    },
  });
}
