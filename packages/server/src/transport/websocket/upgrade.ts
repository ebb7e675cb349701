import { ERRORS, type ErrorReason } from "@tidegate/protocol";
import type { Server } from "bun";
import type { Services } from "../../session/services.ts";
import { clientAddress } from "../address.ts";
import type { Admission } from "../admission.ts";
import { originAllowed } from "../origin.ts";
import { DEFAULT_SUBPROTOCOL } from "./codecs.ts";
import type { SocketData, Upgraded } from "./handler.ts";

export interface UpgradeParts {
  readonly services: Services;
  readonly admission: Admission;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  /** What a path speaks, by subprotocol. */
  readonly subprotocols: Subprotocols;
}

/** Makes what a socket of this subprotocol carries. */
export type Subprotocols = ReadonlyMap<string, (address: string) => Upgraded>;

/** Turns a request into a WebSocket, or says why not; undefined when it did. */
export function upgrade(request: Request, server: Server<SocketData>, parts: UpgradeParts): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    return refuse("invalid_argument", "this path takes WebSocket connections only", { Upgrade: "websocket" }, 426);
  const origin = request.headers.get("origin");
  if (origin !== null && !originAllowed(origin, request.headers.get("host"), parts.allowedOrigins))
    return refuse("forbidden", `pages of ${origin} may not connect; http.allowedOrigins lists those that may`);
  const offered = request.headers.get("sec-websocket-protocol");
  const chosen = choose(offered, parts.subprotocols);
  if (chosen === undefined)
    return refuse(
      "invalid_argument",
      `Sec-WebSocket-Protocol must name one of ${[...parts.subprotocols.keys()].join(", ")}`,
    );
  if (parts.services.isDraining()) return refuse("draining", "this node is about to stop");
  const address = clientAddress(request, server, parts.trustProxy);
  const full = parts.admission.enter(address);
  if (full !== undefined) return refuse(full.reason, full.message);
  const headers = offered === null ? undefined : { "Sec-WebSocket-Protocol": chosen.name };
  const data = chosen.open(address);
  if (server.upgrade(request, headers === undefined ? { data } : { data, headers })) return undefined;
  parts.admission.leave(address);
  return refuse("malformed", "the WebSocket handshake is not valid: see RFC 6455, 4.2.1");
}

interface Chosen {
  readonly name: string;
  readonly open: (address: string) => Upgraded;
}

function choose(offered: string | null, subprotocols: Subprotocols): Chosen | undefined {
  const names = offered === null ? [DEFAULT_SUBPROTOCOL] : offered.split(",").map((name) => name.trim());
  for (const name of names) {
    const open = subprotocols.get(name);
    if (open !== undefined) return { name, open };
  }
  return undefined;
}

function refuse(reason: ErrorReason, message: string, headers: Record<string, string> = {}, status?: number): Response {
  const { code, status: usual, temporary } = ERRORS[reason];
  return Response.json(
    { error: { code, reason, message, temporary } },
    { status: status ?? usual, headers: temporary ? { ...headers, "Retry-After": "1" } : headers },
  );
}
