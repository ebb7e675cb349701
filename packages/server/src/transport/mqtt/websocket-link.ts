import type { ServerWebSocket } from "bun";
import { Link } from "./link.ts";
import type { TurnWriter } from "./turn-writer.ts";

/** The close code after a DISCONNECT, and for a client that ended it. [RFC 6455, 7.4.1] */
const NORMAL = 1000;

/** MQTT over WebSocket: binary messages, which need not match packets. [MQTT-6.0.0-1, MQTT-6.0.0-2] */
export class WebSocketLink extends Link {
  readonly #socket: ServerWebSocket<unknown>;

  constructor(socket: ServerWebSocket<unknown>, turn: TurnWriter) {
    super(turn);
    this.#socket = socket;
  }

  terminate(): void {
    this.#socket.terminate();
  }

  pause(): void {
    this.isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#socket.resume();
  }

  protected get unwritten(): number {
    return this.#socket.getBufferedAmount();
  }

  protected write(bytes: Uint8Array, length: number): void {
    this.#socket.send(length === bytes.length ? bytes : bytes.subarray(0, length));
  }

  protected finish(): void {
    this.#socket.close(NORMAL);
  }
}
