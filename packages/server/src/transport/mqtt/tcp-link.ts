import type { Socket } from "bun";
import { Link } from "./link.ts";
import type { TurnWriter } from "./turn-writer.ts";

/** MQTT over TCP or TLS. Keeps what the kernel does not take at once, up to a bound. */
export class TcpLink extends Link {
  readonly #socket: Socket<unknown>;
  readonly #limit: number;
  #rest: Uint8Array[] | undefined = undefined;
  #restBytes = 0;
  #finishing = false;

  /** `limit`: bytes past which the connection is cut; the sweeper acts earlier, but looks only once a second. */
  constructor(socket: Socket<unknown>, turn: TurnWriter, limit: number) {
    super(turn);
    this.#socket = socket;
    this.#limit = limit;
  }

  /** The kernel takes bytes again. */
  drained(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#rest = undefined;
    this.#restBytes = 0;
    const bytes = rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    this.write(bytes, bytes.length, false);
    if (this.#rest === undefined && this.#finishing) this.#socket.shutdown();
  }

  terminate(): void {
    this.#rest = undefined;
    this.#restBytes = 0;
    this.#socket.terminate();
  }

  protected get unwritten(): number {
    return this.#restBytes;
  }

  protected write(bytes: Uint8Array, length: number, reused: boolean): void {
    // Not a view: making one costs more than the array.
    const taken = this.#rest === undefined ? Math.max(0, this.#socket.write(bytes, 0, length)) : 0;
    if (taken === length) return;
    // A copy: the frame may be shared by many connections, but its memory should not be held for a slow one's tail.
    (this.#rest ??= []).push(taken === 0 && !reused ? bytes : bytes.slice(taken, length));
    this.#restBytes += length - taken;
    if (this.#restBytes > this.#limit) this.terminate();
  }

  /** Only the sending half: a client that is still writing would get a reset, and lose the DISCONNECT that says why. */
  protected finish(): void {
    if (this.#rest === undefined) this.#socket.shutdown();
    else this.#finishing = true;
  }
}
