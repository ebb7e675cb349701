import { serve, type Server } from "bun";
import { upgrade } from "../transport/websocket/upgrade.ts";
import { websocketHandler, type SocketData } from "../transport/websocket/handler.ts";
import type { Gateway } from "./gateway.ts";

/** Opens the port: WebSocket at /ws, the HTTP API below /v1, probes and metrics, and the pages. */
export function listen(gateway: Gateway): Server<SocketData> {
  const { options, services, admission } = gateway;
  const { http, websocket, heartbeat } = options;
  const parts = { services, admission, allowedOrigins: http.allowedOrigins, trustProxy: http.trustProxy };
  return serve<SocketData>({
    hostname: http.host,
    port: http.port,
    maxRequestBodySize: http.maxBody,
    ...tls(http.tls),
    fetch(request, server) {
      if (new URL(request.url).pathname === "/ws") return upgrade(request, server, parts);
      return new Response("not found", { status: 404 });
    },
    websocket: websocketHandler(services, admission, { ...websocket, heartbeat }),
  });
}

function tls(files: Gateway["options"]["http"]["tls"]): { tls?: Bun.TLSOptions } {
  if (files.cert === undefined || files.key === undefined) return {};
  const pair = { cert: Bun.file(files.cert), key: Bun.file(files.key) };
  if (files.ca === undefined) return { tls: pair };
  return { tls: { ...pair, ca: Bun.file(files.ca), requestCert: true, rejectUnauthorized: true } };
}
