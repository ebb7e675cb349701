import { ERRORS } from "@tidegate/protocol";
import { serve, type HTMLBundle, type Server } from "bun";
import { isProtected, type Options } from "../options/index.ts";
import { hostAllowed } from "../transport/host.ts";
import { createHttpApi } from "../transport/http/api.ts";
import { splitTarget } from "../transport/http/target.ts";
import { MqttUpgraded, overWebSocket } from "../transport/mqtt/websocket.ts";
import { NATIVE_SUBPROTOCOLS } from "../transport/websocket/codecs.ts";
import { type Subprotocols, upgrade } from "../transport/websocket/upgrade.ts";
import { websocketHandler, type SocketData } from "../transport/websocket/handler.ts";
import type { Gateway } from "./gateway.ts";

/** Pages by their path. */
export type Pages = Readonly<Record<string, HTMLBundle>>;

export interface ListenParts {
  readonly pages: Pages;
  readonly metrics: (() => Promise<string>) | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What each path speaks over WebSocket. */
function subprotocolsByPath({ mqtt, options }: Gateway): ReadonlyMap<string, Subprotocols> {
  if (mqtt === undefined) return new Map([["/ws", NATIVE_SUBPROTOCOLS]]);
  const context = overWebSocket(mqtt.context, options.websocket.maxFrame);
  const open = (address: string): MqttUpgraded => new MqttUpgraded(context, address);
  return new Map([
    ["/ws", new Map([...NATIVE_SUBPROTOCOLS, ["mqtt", open]])],
    ["/mqtt", new Map([["mqtt", open]])],
  ]);
}

/** Opens the port: WebSocket at /ws and /mqtt, the HTTP API below /v1, probes and metrics, and the pages. */
export function listen(gateway: Gateway, { pages, metrics, random }: ListenParts): Server<SocketData> {
  const { options, services, admission, streams, cluster } = gateway;
  const { http, websocket, heartbeat } = options;
  const { allowedOrigins, trustProxy, maxBody } = http;
  const common = { services, admission, allowedOrigins, trustProxy };
  const isOpen = !isProtected(options.auth);
  const api = createHttpApi({
    ...common,
    streams: streams.all,
    cluster,
    isOpen,
    maxBody,
    heartbeat: heartbeat.interval,
    metrics,
    random,
  });
  const paths = subprotocolsByPath(gateway);
  return serve<SocketData>({
    hostname: http.host,
    port: http.port,
    // A server of pages built for people: no reloading, no source maps.
    development: false,
    // Without this Bun shares the port with another server that has it already, and clients with it.
    reusePort: false,
    // The API reads bodies itself and says what the limit is; this one only stops what nobody reads.
    maxRequestBodySize: maxBody * 2,
    ...tlsOf(http.tls),
    routes: pages,
    fetch(request, server) {
      if (isOpen && !hostAllowed(request.headers.get("host"), allowedOrigins)) return unknownHost();
      const subprotocols = paths.get(splitTarget(request.url).path);
      if (subprotocols !== undefined) return upgrade(request, server, { ...common, subprotocols });
      return api.fetch(request, server) ?? api.notFound(request);
    },
    websocket: websocketHandler(services, admission, { ...websocket, heartbeat }),
  });
}

function unknownHost(): Response {
  const { code, status } = ERRORS.forbidden;
  const message =
    "this server has no authentication, so it answers only to 127.0.0.1, localhost and the hosts of http.allowedOrigins";
  return Response.json({ error: { code, reason: "forbidden", message, temporary: false } }, { status });
}

/** The files of a listener's `tls` options, as Bun takes them; nothing if there are none. */
export function tlsOf(files: Options["http"]["tls"]): { tls?: Bun.TLSOptions } {
  if (files.cert === undefined || files.key === undefined) return {};
  const pair = { cert: Bun.file(files.cert), key: Bun.file(files.key) };
  if (files.ca === undefined) return { tls: pair };
  return { tls: { ...pair, ca: Bun.file(files.ca), requestCert: true, rejectUnauthorized: true } };
}
