import { isWildcard, namespaceOf } from "@tidegate/protocol";
import { authSettings, createAuthenticator } from "../auth/index.ts";
import type { Hub } from "../delivery/hub.ts";
import { namespaceSettings, type NamespaceSettings, type Options } from "../options/index.ts";
import { Audience } from "../presence/audience.ts";
import type { Outbox } from "../session/outbox.ts";
import { newCounters, type Services, type SessionLimits } from "../session/services.ts";
import { SessionTable } from "../session/table.ts";
import type { Cluster } from "./cluster.ts";
import type { GatewayParts } from "./parts.ts";
import type { Streams } from "./streams.ts";

/** What the gateway has opened, and whether it is about to stop. */
export interface ServicesParts {
  readonly hub: Hub;
  readonly outbox: Outbox;
  readonly streams: Streams;
  readonly cluster: Cluster;
  readonly state: Pick<Services, "isStopping" | "isDraining">;
}

/** What sessions and their commands work with. */
export function servicesOf(parts: GatewayParts, { hub, outbox, streams, cluster, state }: ServicesParts): Services {
  const { options, clock, logger, revocations, fetch } = parts;
  const { presence, nodes } = cluster;
  const policy = policyOf(options);
  const strict = namespaceSettings(options);
  return {
    nodeId: nodes.self,
    clock,
    logger,
    authenticator: createAuthenticator(authSettings(options), { clock, fetch, logger, revocations }),
    revocations,
    namespaces: (name) => (isWildcard(name) ? policy(name) : strict(name)),
    label: labelOf(options),
    streamOf: streams.of,
    hub,
    presence,
    audience: new Audience(presence, {
      clock,
      maxBuffered: options.websocket.maxBuffered,
      maxMembers: (topic) => policy(namespaceOf(topic)).presence.maxMembers,
    }),
    outbox,
    sessions: new SessionTable(),
    limits: sessionLimits(options),
    counters: newCounters(),
    ...state,
  };
}

/** The usual case without a look-up, which would have to hash a new string for each publish. */
function labelOf({ namespaces }: Options): Services["label"] {
  return namespaces.size === 0 ? () => OTHER : (name) => (namespaces.has(name) ? name : OTHER);
}

/** What metrics call all namespaces that are not listed. */
const OTHER = "other";

/** Settings of a namespace; the defaults for one that is not listed. */
export function policyOf(options: Options): (namespace: string) => NamespaceSettings {
  const settings = namespaceSettings(options);
  return (namespace) => settings(namespace) ?? options.namespaceDefaults;
}

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
