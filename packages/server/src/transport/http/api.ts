import { Callers } from "./callers.ts";
import type { Call, Context, HttpParts, HttpServer, Route } from "./context.ts";
import { allowOrigin, checkOrigin, optionsResponse } from "./cors.ts";
import { errorResponse, refuse } from "./errors.ts";
import { Readiness } from "./readiness.ts";
import { allowOf, ROUTES } from "./routes.ts";
import { sseCodec } from "./sse/codec.ts";
import { Heartbeats } from "./sse/heartbeats.ts";
import { splitTarget } from "./target.ts";

export interface HttpApi {
  /** Undefined for a path that is not the API's; it answers all below /v1 and /health. Never rejects. */
  fetch(request: Request, server: HttpServer): Promise<Response> | undefined;
  /** The answer to a path that nobody has. */
  notFound(request: Request): Response;
}

export function createHttpApi(parts: HttpParts): HttpApi {
  const context = contextOf(parts);
  return {
    fetch(request, server) {
      const { path, query } = splitTarget(request.url);
      const route = ROUTES.find((each) => each.path === path);
      if (route === undefined && !/^\/(v1|health)(\/|$)/.test(path)) return undefined;
      return respond({ context, request, server, query }, route, path);
    },
    notFound: (request) => guarded(context, () => missing(splitTarget(request.url).path)),
  };
}

function contextOf(parts: HttpParts): Context {
  const { services, streams, heartbeat, random } = parts;
  const { clock, limits, streamOf } = services;
  return {
    ...parts,
    callers: new Callers({ clock, burst: limits.publishBurst }),
    readiness: new Readiness(services, streams, parts.cluster.bus),
    heartbeats: new Heartbeats(clock, heartbeat),
    sseCodec: sseCodec({ epochOf: (topic) => streamOf(topic).log.epoch, random }),
  };
}

async function respond(call: Call, route: Route | undefined, path: string): Promise<Response> {
  const { context, request } = call;
  try {
    checkOrigin(request.headers, context.allowedOrigins);
  } catch (error) {
    return errorResponse(context.services, error);
  }
  try {
    return allowOrigin(request, await handle(call, route ?? missing(path)));
  } catch (error) {
    return allowOrigin(request, errorResponse(context.services, error));
  }
}

async function handle(call: Call, route: Route): Promise<Response> {
  const { method } = call.request;
  if (method === "OPTIONS") return optionsResponse(call.request, allowOf(route));
  if (method === route.method) return route.handle(call);
  if (method !== "HEAD" || !route.head)
    refuse("method_not_allowed", `${route.path} takes ${allowOf(route)}, not ${method}`, { Allow: allowOf(route) });
  const { status, headers } = await route.handle(call);
  return new Response(null, { status, headers });
}

function missing(path: string): never {
  const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
  return refuse("not_found", `no path ${shown}; there are ${ROUTES.map((each) => each.path).join(", ")}`);
}

function guarded({ services }: Context, act: () => never): Response {
  try {
    return act();
  } catch (error) {
    return errorResponse(services, error);
  }
}
