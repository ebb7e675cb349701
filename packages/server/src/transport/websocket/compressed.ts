import type { ServerWebSocket } from "bun";
import type { Connection, Frame } from "../../delivery/connection.ts";

/** Characters or bytes from which deflating a frame by itself gains more than it costs. */
const WORTHWHILE = 256;

/** Bun compresses what it fans out unless it is told not to, and what is sent to one client only if it is told to. */
export function isWorthCompressing(frame: Frame): boolean {
  return frame.length >= WORTHWHILE;
}

/** A WebSocket whose larger frames are compressed. Made only where compression is on: others are not wrapped. */
export class CompressedConnection implements Connection {
  readonly #socket: ServerWebSocket<unknown>;

  constructor(socket: ServerWebSocket<unknown>) {
    this.#socket = socket;
  }

  send(frame: Frame): unknown {
    return this.#socket.send(frame, isWorthCompressing(frame));
  }

  cork(sends: () => void): unknown {
    return this.#socket.cork(sends);
  }

  subscribe(group: string): unknown {
    return this.#socket.subscribe(group);
  }

  unsubscribe(group: string): unknown {
    return this.#socket.unsubscribe(group);
  }

  getBufferedAmount(): number {
    return this.#socket.getBufferedAmount();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
