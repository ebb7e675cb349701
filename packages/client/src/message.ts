import type { PayloadFormat } from "./payload.ts";

/** Where a log stands. Offsets of two epochs do not compare. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What a publish resolves with is a position too, and more; the server takes no more. */
export function positionOf({ epoch, offset }: Position): Position {
  return { epoch, offset };
}

export type Priority = "low" | "normal" | "high";

/** A message as a subscription gives it. */
export interface Message<T = unknown> {
  readonly topic: string;
  readonly offset: number;
  /** Offset of the message before it on the same topic; 0 for the first. */
  readonly previous: number;
  /** Parsed JSON, a string (`format` "text") or a Uint8Array ("binary"). Not checked against `T`. */
  readonly data: T;
  readonly format: PayloadFormat;
  readonly id: string | undefined;
  /** The publisher's user id; undefined for anonymous publishers. */
  readonly from: string | undefined;
  /** When the gateway took it in, in milliseconds since 1970. */
  readonly time: number;
  readonly priority: Priority;
  readonly headers: Readonly<Record<string, string>>;
  /** It was published as the topic's retained value. */
  readonly retain: boolean;
  /** It may have been given to this subscription before: it was not acknowledged. */
  readonly redelivered: boolean;
}

/** Somebody who is present in a topic. */
export interface Member {
  readonly user: string;
  readonly info?: unknown;
}

/** Messages that this subscription will not see. */
export interface Gap {
  readonly topic: string;
  /** The last offset before the gap; undefined where it is not known. */
  readonly after: number | undefined;
  /** The last offset inside the gap; undefined where it is not known. */
  readonly to: number | undefined;
  /** Why it could not be closed. */
  readonly cause: string;
}
