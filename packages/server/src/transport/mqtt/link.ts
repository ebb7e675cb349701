import type { Connection, Frame } from "../../delivery/connection.ts";
import type { TurnWriter } from "./turn-writer.ts";

/** What happens to a connection, told to the client on it. */
export interface LinkOwner {
  /** The gateway ends the connection, with a close code of its table and a reason in words. */
  ended(code: number, reason: string): void;
}

/**
 * A connection that carries MQTT packets: bytes out, gathered for a turn of the event loop. What the bytes travel in, TCP
 * or WebSocket, is up to the class that extends it.
 */
export abstract class Link implements Connection {
  owner: LinkOwner | undefined = undefined;
  readonly #turn: TurnWriter;
  /** One frame stands for itself: a list is made for the second. */
  #pending: Uint8Array | Uint8Array[] | undefined = undefined;
  #bytes = 0;

  constructor(turn: TurnWriter) {
    this.#turn = turn;
  }

  /** An empty frame is nothing: not every push of the gateway has a packet. */
  send(frame: Frame): void {
    const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : frame;
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    const pending = this.#pending;
    if (pending === undefined) {
      this.#pending = bytes;
      this.#turn.add(this);
    } else if (Array.isArray(pending)) pending.push(bytes);
    else this.#pending = [pending, bytes];
  }

  flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#bytes = 0;
    this.write(Array.isArray(pending) ? Buffer.concat(pending) : pending);
  }

  cork(sends: () => void): void {
    sends();
  }

  // Fan-out by groups is the WebSocket server's own; MQTT receivers are handed their frames.
  subscribe(): void {}
  unsubscribe(): void {}

  getBufferedAmount(): number {
    return this.#bytes + this.unwritten;
  }

  close(code: number, reason: string): void {
    this.owner?.ended(code, reason);
  }

  /** Sends what waits and ends the connection. */
  end(): void {
    this.flush();
    this.finish();
  }

  abstract terminate(): void;
  /** Bytes that were written and not yet taken by the peer. */
  protected abstract get unwritten(): number;
  protected abstract write(bytes: Uint8Array): void;
  protected abstract finish(): void;
}
