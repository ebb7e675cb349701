import { afterAll } from "bun:test";
import { serve, type Server } from "bun";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { isProtected } from "../../src/options/index.ts";
import type { HttpParts } from "../../src/transport/http/context.ts";
import { createHttpApi } from "../../src/transport/http/api.ts";
import { type GatewaySettings, optionsOf, startGateway } from "../support/gateway.ts";

export const ADMIN = "tg_admin-key-for-tests";
export const ROBOT = "tg_robot-key-for-tests";

export interface Setting extends GatewaySettings {
  readonly parts?: Partial<HttpParts>;
}

export interface Node {
  readonly gateway: Gateway;
  readonly server: Server<undefined>;
  readonly url: string;
  stop(): Promise<void>;
}

const running = new Set<Node>();
afterAll(async () => {
  await Promise.all([...running].map((node) => node.stop()));
});

/** A whole gateway in memory, with the API on a port of its own. */
export async function startNode(setting: Setting = {}): Promise<Node> {
  const gateway = await startGateway(setting);
  const options = optionsOf(setting);
  const api = createHttpApi({
    services: gateway.services,
    admission: gateway.admission,
    streams: gateway.streams.all,
    cluster: gateway.cluster,
    isOpen: !isProtected(options.auth),
    maxBody: options.http.maxBody,
    allowedOrigins: options.http.allowedOrigins,
    trustProxy: options.http.trustProxy,
    heartbeat: options.heartbeat.interval,
    metrics: () => Promise.resolve("up 1\n"),
    random: () => 0.5,
    ...setting.parts,
  });
  const server = serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, own) => api.fetch(request, own) ?? api.notFound(request),
  });
  const node: Node = {
    gateway,
    server,
    url: server.url.href.slice(0, -1),
    stop: async () => {
      running.delete(node);
      await server.stop(true);
      await gateway.stop();
    },
  };
  running.add(node);
  return node;
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(url, { method: "POST", body: text, headers: { "Content-Type": "application/json", ...headers } });
}

export async function publish(
  node: Node,
  body: unknown,
): Promise<{ epoch: string; offset: number; duplicate: boolean }> {
  const response = await post(`${node.url}/v1/publish`, body);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { epoch: string; offset: number; duplicate: boolean };
}

export interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly temporary: boolean;
  };
}

export async function errorOf(response: Response): Promise<ErrorBody["error"]> {
  return ((await response.json()) as ErrorBody).error;
}
