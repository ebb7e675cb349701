import { isWildcard, namespaceOf } from "@tidegate/protocol";
import { namespacePolicy, namespaceSettings, type Options } from "../options/index.ts";
import { Audience } from "../presence/audience.ts";
import { newCounters, type Services, type SessionLimits } from "../session/services.ts";

/** What follows from the options, or begins with this gateway. */
type Made = "namespaces" | "label" | "audience" | "limits" | "counters";

/** What sessions and their commands work with: what was opened for them, and what the options say of it. */
export function servicesOf(options: Options, opened: Omit<Services, Made>): Services {
  const policy = namespacePolicy(options);
  const strict = namespaceSettings(options);
  return {
    ...opened,
    namespaces: options.strictNamespaces ? (name) => (isWildcard(name) ? policy(name) : strict(name)) : policy,
    label: labelOf(options),
    audience: new Audience(opened.presence, {
      clock: opened.clock,
      maxBuffered: options.websocket.maxBuffered,
      maxMembers: (topic) => policy(namespaceOf(topic)).presence.maxMembers,
    }),
    limits: sessionLimits(options),
    counters: newCounters(),
  };
}

/** The usual case without a look-up, which would have to hash a new string for each publish. */
function labelOf({ namespaces }: Options): Services["label"] {
  return namespaces.size === 0 ? () => OTHER : (name) => (namespaces.has(name) ? name : OTHER);
}

/** What metrics call all namespaces that are not listed. */
const OTHER = "other";

function sessionLimits({ connections, websocket, heartbeat, auth }: Options): SessionLimits {
  return {
    connectTimeout: connections.connectTimeout,
    maxSubscriptions: connections.maxSubscriptions,
    perUser: connections.perUser,
    publishRate: connections.publishRate,
    publishBurst: connections.publishBurst,
    maxBuffered: websocket.maxBuffered,
    ping: Math.ceil(heartbeat.interval / 1000),
    graceAfterExpiry: auth.graceAfterExpiry,
  };
}
