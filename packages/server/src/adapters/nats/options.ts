import type { Clock } from "../../clock.ts";
import type { Durability, RetentionOf } from "../../log/log.ts";

/** How the gateway shows who it is; nothing of it is logged. */
export type NatsCredentials =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** The seed of an nkey. */
  | { readonly kind: "nkey"; readonly seed: string }
  /** The text of a `.creds` file. */
  | { readonly kind: "creds"; readonly text: string };

/** Where NATS is, and how the gateway shows there who it is. */
export interface NatsAccess {
  /** `nats://host:port`, or `tls://…`; several servers of one cluster. */
  readonly servers: readonly string[];
  readonly credentials?: NatsCredentials;
  /** Authorities (PEM) of the servers' certificates, where the system's do not know them. */
  readonly ca?: string;
}

export interface NatsLogOptions extends NatsAccess {
  /** Name of the stream: letters, digits, `_` and `-`. */
  readonly stream: string;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly randomId: () => string;
  readonly retention: RetentionOf;
  /** Bytes of the stream that a trim goes back to. A quarter more, and appends are refused. */
  readonly maxBytes: number;
  readonly warn: (message: string) => void;
  /** Called once when the stream turns out to be gone, or another one: the log refuses everything from then on. */
  readonly lost?: () => void;
  /** Longest message-id window of any topic, in milliseconds: how long the server knows an id. Default: two minutes. */
  readonly idWindow?: number;
  /** Milliseconds by which the clocks of gateway and servers may differ. Default 5000. */
  readonly clockMargin?: number;
  /**
   * How the topics of a cluster are spread over streams, in any words: kept with the stream, and another one is refused. Undefined: it
   * is not looked at.
   */
  readonly layout?: string;
  /** Take another layout than the stream was made with. */
  readonly relayout?: boolean;
  /** Copies that the servers of a cluster keep. Default 1. Only for a stream that is made. */
  readonly replicas?: number;
  /** Milliseconds until a question or an append counts as failed. Default 5000. */
  readonly timeout?: number;
  /** Publishes under way at once. The server refuses what is past 10,000 for a stream, of all gateways together. Default 2000. */
  readonly maxInFlight?: number;
  /** Largest payload that will come, in bytes: a server that takes less is refused. */
  readonly maxPayload?: number;
  /**
   * Whether the tail gives only the topics of filters that `interest` was called with. Default false: all of the stream, which every
   * gateway then receives.
   */
  readonly byInterest?: boolean;
  /**
   * Whether to look for live messages that got lost without another one behind them: some topics a second. Default: where NATS is a
   * cluster, between whose servers that can happen without a connection being lost.
   */
  readonly audit?: boolean;
  /** Base URLs of the monitoring ports of all servers (`http://host:8222`): where `power` is proven. */
  readonly monitors?: readonly string[];
}

export const DEFAULTS = {
  idWindow: 120_000,
  clockMargin: 5000,
  replicas: 1,
  timeout: 5000,
  maxInFlight: 2000,
} as const;
