import type { Route } from "./context.ts";
import { live, ready } from "./routes/health.ts";
import { history } from "./routes/history.ts";
import { metrics } from "./routes/metrics.ts";
import { nodes } from "./routes/nodes.ts";
import { presence } from "./routes/presence.ts";
import { publish } from "./routes/publish.ts";
import { revoke } from "./routes/revoke.ts";
import { subscribe } from "./routes/subscribe.ts";

/** Every path of the API. */
export const ROUTES: readonly Route[] = [
  { method: "POST", path: "/v1/publish", head: false, handle: publish },
  { method: "GET", path: "/v1/subscribe", head: false, handle: subscribe },
  { method: "GET", path: "/v1/history", head: true, handle: history },
  { method: "GET", path: "/v1/presence", head: true, handle: presence },
  { method: "POST", path: "/v1/revoke", head: false, handle: revoke },
  { method: "GET", path: "/v1/nodes", head: true, handle: nodes },
  { method: "GET", path: "/health/live", head: true, handle: live },
  { method: "GET", path: "/health/ready", head: true, handle: ready },
  { method: "GET", path: "/metrics", head: true, handle: metrics },
];

/** What `Allow` says of a path. */
export function allowOf({ method, head }: Route): string {
  return head ? `${method}, HEAD, OPTIONS` : `${method}, OPTIONS`;
}
