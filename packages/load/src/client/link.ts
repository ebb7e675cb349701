/** A connection as a client of the load sees it: WebSocket messages or MQTT packets, the bytes below are its own. */
export interface Link {
  /** `frames` may be used again after the call. */
  send(frames: Uint8Array): void;
  /** Without a farewell: the server sees the connection end. */
  close(): void;
}

export interface LinkHandler {
  /** A message or packet: `bytes[start..end)`, good only during the call. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** All messages of one read were given to `message`: the moment to write once for all of them. */
  endOfRead(): void;
  /** It ended, and not by `close()`. */
  lost(reason: string): void;
}
