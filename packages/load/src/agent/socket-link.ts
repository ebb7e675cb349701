import type { Socket } from "bun";
import type { Link } from "../engine/orders.ts";
import { write } from "../tcp/write.ts";

/** A line longer than this is no report and no order: a million streams are 30 MB. */
const MAX_LINE = 256 * 1024 * 1024;
const NEWLINE = 10;

/** Messages as lines of JSON over a TCP connection. */
export class SocketLink<Out, In> implements Link<Out, In> {
  onMessage: ((message: In) => void) | undefined;
  onEnd: ((reason: string) => void) | undefined;
  readonly #socket: Socket<unknown>;
  #unsent: Uint8Array | undefined;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #ended = false;

  constructor(socket: Socket<unknown>) {
    this.#socket = socket;
  }

  send(message: Out): void {
    this.#unsent = write(this.#socket, Buffer.from(`${JSON.stringify(message)}\n`), this.#unsent);
  }

  close(): void {
    this.#ended = true;
    this.#socket.end();
  }

  received(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...this.#chunks, chunk.subarray(start, end)]).toString();
      this.#chunks = [];
      this.#waiting = 0;
      start = end + 1;
      if (!this.#take(line)) return;
    }
    if (start === chunk.length) return;
    this.#chunks.push(chunk.slice(start));
    this.#waiting += chunk.length - start;
    if (this.#waiting > MAX_LINE) this.#break("a message is too long");
  }

  drained(): void {
    if (this.#unsent !== undefined) this.#unsent = write(this.#socket, this.#unsent, undefined);
  }

  ended(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd?.(reason);
  }

  #take(line: string): boolean {
    let message: In;
    try {
      message = JSON.parse(line) as In;
    } catch {
      this.#break("a message is no JSON");
      return false;
    }
    this.onMessage?.(message);
    return true;
  }

  #break(reason: string): void {
    this.ended(reason);
    this.#socket.end();
  }
}

/** Events of a socket whose `data` is its link. */
export const LINK_EVENTS = {
  data: (socket: Socket<LinkHolder>, chunk: Uint8Array) => socket.data.link?.received(chunk),
  drain: (socket: Socket<LinkHolder>) => socket.data.link?.drained(),
  close: (socket: Socket<LinkHolder>) => socket.data.link?.ended("the connection ended"),
  end: (socket: Socket<LinkHolder>) => socket.data.link?.ended("the connection ended"),
  error: (socket: Socket<LinkHolder>, error: Error) => socket.data.link?.ended(error.message),
};

export interface LinkHolder {
  link: { received(chunk: Uint8Array): void; drained(): void; ended(reason: string): void } | undefined;
}
