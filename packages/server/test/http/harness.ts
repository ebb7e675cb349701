import { afterAll } from "bun:test";
import { serve, type Server } from "bun";
import pino from "pino";
import { Revocations } from "../../src/auth/index.ts";
import { systemClock, type Clock } from "../../src/clock.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import { isProtected, loadOptions, type Options } from "../../src/options/index.ts";
import type { HttpParts } from "../../src/transport/http/context.ts";
import { createHttpApi } from "../../src/transport/http/api.ts";

export const SECRET = "a secret of at least 32 bytes, for tests";
export const ADMIN = "tg_admin-key-for-tests";
export const ROBOT = "tg_robot-key-for-tests";

/** Options as a file would set them; `false` where the process environment must not matter. */
export interface Setting {
  /** Names of variables without the prefix: `HTTP_MAX_BODY`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly parts?: Partial<HttpParts>;
  readonly clock?: Clock;
  /** Changes the options after they were read: what no variable can set. */
  readonly change?: (options: Options) => Options;
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

export function optionsOf({ env = {}, change = (options) => options }: Setting): Options {
  const prefixed = Object.entries({ LOG_STORAGE: "memory", HTTP_PORT: "0", DRAIN_DEADLINE: "0", ...env }).map(
    ([name, value]) => [`TIDEGATE_${name}`, value] as const,
  );
  return change(loadOptions({ env: Object.fromEntries(prefixed), flags: {} }));
}

/** A whole gateway in memory, with the API on a port of its own. */
export async function startNode(setting: Setting = {}): Promise<Node> {
  const clock = setting.clock ?? systemClock;
  const options = optionsOf(setting);
  const gateway = await Gateway.start({
    options,
    clock,
    logger: pino({ level: "silent" }),
    randomId: () => crypto.randomUUID(),
    fetch: () => Promise.reject(new Error("no network in tests")),
    revocations: new Revocations({ clock }),
    random: () => 0.5,
    pages: {},
    version: "0.0.0",
    collectGarbage: () => {},
  });
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

/** Waits for a condition that something else brings about; the test's own timeout ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
