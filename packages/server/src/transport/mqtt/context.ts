import type { SessionStore } from "../../durable/session-store.ts";
import type { Stream } from "../../log/stream.ts";
import type { Services } from "../../session/services.ts";
import type { Encoders } from "./encoders.ts";
import type { RetainedValues } from "./retained.ts";
import type { Rivals } from "./rivals.ts";
import type { Roster } from "./roster.ts";
import type { SessionBound } from "./session-bound.ts";
import type { SharedSubscriptions } from "./shared.ts";
import type { TurnWriter } from "./turn-writer.ts";
import type { WillKeeper } from "./will-keeper.ts";

/** What MQTT clients and their sessions work with. One for a gateway. */
export interface MqttContext {
  readonly services: Services;
  readonly settings: MqttSettings;
  /** All logs of the node: a filter over several namespaces is read from each. */
  readonly streams: () => readonly Stream[];
  readonly store: SessionStore;
  readonly roster: Roster;
  readonly bound: SessionBound;
  /** Undefined for a gateway alone. */
  readonly rivals: Rivals | undefined;
  readonly shared: SharedSubscriptions;
  readonly retained: RetainedValues;
  readonly wills: WillKeeper;
  readonly turn: TurnWriter;
  readonly encoders: Encoders;
  /** Unlike any other; for client ids and message ids. */
  readonly randomId: () => string;
}

export interface MqttSettings {
  /** Bytes of the largest packet that is taken. */
  readonly maxPacket: number;
  /** Messages of QoS 1 and 2 under way to a client, and from it. */
  readonly maxInflight: number;
  /** Topic aliases that a client may set, and that it is given. */
  readonly maxAliases: number;
  /** Seconds that a session may outlive its connection. */
  readonly maxSessionExpiry: number;
  /** Sessions that outlive their connections; 0 for no bound. */
  readonly maxSessions: number;
  /** Seconds: a client that wants a longer keep alive, or none, is told this one; 0 for no bound. */
  readonly maxKeepAlive: number;
  /** Where clients are sent when this node stops; undefined for nowhere. */
  readonly serverReference: string | undefined;
}
