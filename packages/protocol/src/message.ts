import type { Payload } from "./payload.ts";

/** Where a log stands. The epoch changes when a log is lost and made anew; offsets of two epochs do not compare. */
export interface Position {
  readonly epoch: string;
  /** Grows within a log, starts at 1; 0 is "before the first". It need not be contiguous for a topic. */
  readonly offset: number;
}

/** 0 low (shed first), 1 normal, 2 high (stored and flushed first). */
export type Priority = 0 | 1 | 2;

/** How surely the publisher wants it delivered: 0 at most once, 1 at least once, 2 exactly once. */
export type Quality = 0 | 1 | 2;

export const PRIORITIES = ["low", "normal", "high"] as const;

/** The protocol that a message came in by. */
export type Origin = "websocket" | "http" | "mqtt" | "grpc" | "server";

/** The one message of all protocols. Immutable from the moment it is decoded. */
export interface Message {
  readonly topic: string;
  readonly payload: Payload;
  /** Chosen by the publisher: the same id on the same topic within the window is stored once. */
  readonly id: string | undefined;
  /** The publisher's user id; undefined for anonymous publishers. */
  readonly from: string | undefined;
  /** When the gateway took it in, in milliseconds since 1970. */
  readonly time: number;
  readonly priority: Priority;
  /** `traceparent` among them. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Kept as the topic's retained value until the next one; an empty payload clears it. */
  readonly retain: boolean;
  readonly origin: Origin;
  /** Receivers get it no more surely than that. Absent: as surely as each of them asks. */
  readonly quality?: Quality;
}

/** A message and its place in the log. */
export interface Stored {
  readonly message: Message;
  readonly offset: number;
  /** Offset of the message before it on the same topic, 0 for the first. A break in this chain is a gap. */
  readonly previous: number;
}
