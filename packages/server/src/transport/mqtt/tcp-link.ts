import type { Socket } from "bun";
import { Link } from "./link.ts";
import type { TurnWriter } from "./turn-writer.ts";

/** What the kernel has not taken; made when there is something. */
interface Rest {
  readonly chunks: Uint8Array[];
  bytes: number;
}

/** MQTT over TCP or TLS. Keeps what the kernel does not take at once, up to a bound. */
export class TcpLink extends Link {
  readonly #socket: Socket<unknown>;
  #rest: Rest | undefined = undefined;

  constructor(socket: Socket<unknown>, turn: TurnWriter) {
    super(turn);
    this.#socket = socket;
  }

  /** The kernel takes bytes again. */
  drained(): void {
    if (this.#rest === undefined) return;
    const { chunks } = this.#rest;
    this.#rest = undefined;
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.write(bytes, bytes.length, false);
    if (this.#rest === undefined && this.hasEnded) this.#socket.shutdown();
  }

  terminate(): void {
    this.#rest = undefined;
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
    return this.#rest?.bytes ?? 0;
  }

  protected write(bytes: Uint8Array, length: number, reused: boolean): void {
    // Not a view: making one costs more than the array.
    const taken = this.#rest === undefined ? Math.max(0, this.#socket.write(bytes, 0, length)) : 0;
    if (taken === length) return;
    // A copy: the frame may be shared by many connections, but its memory should not be held for a slow one's tail.
    const rest = (this.#rest ??= { chunks: [], bytes: 0 });
    rest.chunks.push(taken === 0 && !reused ? bytes : Uint8Array.prototype.slice.call(bytes, taken, length));
    rest.bytes += length - taken;
    // The sweeper acts earlier, but looks only once a second.
    if (rest.bytes > this.turn.limit) this.terminate();
  }

  /** Only the sending half: a client that is still writing would get a reset, and lose the DISCONNECT that says why. */
  protected finish(): void {
    if (this.#rest === undefined) this.#socket.shutdown();
  }
}
