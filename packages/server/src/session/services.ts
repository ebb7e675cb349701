import type { Logger } from "pino";
import type { Authenticator, Revocations } from "../auth/index.ts";
import type { Clock } from "../clock.ts";
import type { Hub } from "../delivery/hub.ts";
import type { StreamOf } from "../log/stream.ts";
import type { NamespaceSettings } from "../options/index.ts";
import type { Audience } from "../presence/audience.ts";
import type { Presence } from "../presence/presence.ts";
import type { Outbox } from "./outbox.ts";
import type { SessionTable } from "./table.ts";

/** What sessions and their commands work with. One for a gateway. */
export interface Services {
  /** Unlike that of any other node or run. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly authenticator: Authenticator;
  readonly revocations: Revocations;
  /** Undefined for a namespace that the configuration does not allow. */
  readonly namespaces: (name: string) => NamespaceSettings | undefined;
  readonly streamOf: StreamOf;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly audience: Audience;
  readonly outbox: Outbox;
  readonly sessions: SessionTable;
  readonly limits: SessionLimits;
  readonly counters: SessionCounters;
  /** A name for metrics: unlisted namespaces share one, so that labels stay few. */
  readonly label: (namespace: string) => string;
  /** Whether the node was told to stop: it is not ready any more, and after a while it drains. */
  readonly isStopping: () => boolean;
  /** Whether it lets nobody new in and sends its clients elsewhere. */
  readonly isDraining: () => boolean;
}

export interface SessionLimits {
  /** Milliseconds until a connection must have sent `connect`. */
  readonly connectTimeout: number;
  readonly maxSubscriptions: number;
  /** Connections of one user; 0 for no limit. */
  readonly perUser: number;
  /** Messages a second and at once, for each connection; a rate of 0 is no limit. */
  readonly publishRate: number;
  readonly publishBurst: number;
  /** Bytes that may wait for one client before the slow-consumer policy acts. */
  readonly maxBuffered: number;
  /** Seconds between heartbeats, told to clients. */
  readonly ping: number;
  /** Milliseconds that an expired token may stay on a live connection. */
  readonly graceAfterExpiry: number;
}

/** Plain numbers, read when somebody scrapes them. */
export interface SessionCounters {
  opened: number;
  closed: number;
  commands: number;
  /** Publishes by namespace. */
  readonly published: Map<string, number>;
  /** Errors by reason. */
  readonly errors: Map<string, number>;
  /** Closes by the server, by reason. */
  readonly closes: Map<string, number>;
  lagged: number;
}

export function newCounters(): SessionCounters {
  return {
    opened: 0,
    closed: 0,
    commands: 0,
    published: new Map(),
    errors: new Map(),
    closes: new Map(),
    lagged: 0,
  };
}

export function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
