import type { Dialect } from "../dialect/dialect.ts";

/** What the publisher's thread is told first. */
export interface PublisherSetup {
  readonly kind: "setup";
  readonly dialect: Dialect["name"];
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  readonly payloadBytes: number;
  /** Of the stopwatch that all latencies are taken with. */
  readonly origin: number;
}

/** `count` bursts of `size` messages, `rate` bursts a second. */
export interface PublishBursts {
  readonly kind: "bursts";
  readonly rate: number;
  readonly size: number;
  readonly count: number;
}

export type PublisherOrder = PublisherSetup | PublishBursts;

/** The answer to each order, once it is done and everything is acknowledged. */
export interface PublisherReport {
  /** In all, since the setup. */
  readonly sent: number;
  /** Microseconds by which the sends of this order were late. */
  readonly latenessP99: number;
  /** What went wrong; the order is not done then. */
  readonly faults: readonly string[];
}
