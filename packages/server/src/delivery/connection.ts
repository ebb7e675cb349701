import type { Push, Stored } from "@tidegate/protocol";

export type Frame = string | Uint8Array;

/**
 * A connection as sessions and delivery see it. It has the shape of Bun's `ServerWebSocket`, so that a WebSocket is one
 * without a wrapper; other transports imitate it.
 */
export interface Connection {
  /** Queues a frame behind all that was sent or published to this connection before. */
  send(frame: Frame): unknown;
  /** Several sends within become one write. */
  cork(sends: () => void): unknown;
  /** Joins a group of the transport's own fan-out (see `Fanout`). */
  subscribe(group: string): unknown;
  unsubscribe(group: string): unknown;
  /** Bytes that the client has not taken yet. */
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
  /** Ends it at once, without a close frame. */
  terminate(): void;
}

/** The transport's own way to send one frame to all connections of a group, gathered into one write each a turn. */
export interface Fanout {
  publish(group: string, frame: Frame): unknown;
}

/** How messages look on the wire of one kind of receiver. */
export interface Encoder {
  /** Prefix of this kind's groups in the transport's fan-out; undefined if connections of this kind have none. */
  readonly group: string | undefined;
  message(stored: Stored, filter: string | undefined, redelivered: boolean): Frame;
  push(push: Push): Frame;
  /** One frame for several messages, where that costs less than a frame for each that are joined. */
  messages?(batch: readonly Stored[]): Frame;
  /** Makes one frame of several. */
  join(frames: readonly Frame[]): Frame;
}
