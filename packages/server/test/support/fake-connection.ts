import type { Connection, Frame } from "../../src/delivery/connection.ts";

/** A connection that takes every frame at once, and does nothing else. */
export function fakeConnection(send: (frame: Frame) => void): Connection {
  return {
    send,
    cork: (sends) => sends(),
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    getBufferedAmount: () => 0,
    close: () => undefined,
    terminate: () => undefined,
  };
}
