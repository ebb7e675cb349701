import type { Socket, TLSOptions } from "bun";

/** What carries the bytes: TCP, TLS or a WebSocket. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it without a word. */
  cut(): void;
}

export type Dial = (heard: { data(chunk: Uint8Array): void; ended(): void }) => Promise<Wire>;

/** Bytes that the kernel does not take at once wait here, so that a test may write as much as it likes. */
class TcpWire implements Wire {
  #waiting: Uint8Array = new Uint8Array(0);
  socket: Socket<unknown> | undefined;

  write(bytes: Uint8Array): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    this.drain();
  }

  drain(): void {
    if (this.#waiting.length === 0) return;
    const taken = Math.max(0, this.socket?.write(this.#waiting) ?? 0);
    this.#waiting = this.#waiting.subarray(taken);
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  cut(): void {
    this.socket?.terminate();
  }
}

export function tcp(port: number, tls?: TLSOptions): Dial {
  return async ({ data, ended }) => {
    const wire = new TcpWire();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wire.socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      ...(tls === undefined ? {} : { tls }),
      socket: {
        open: () => (tls === undefined ? resolve() : undefined),
        handshake: (_socket, success, error) => (success ? resolve() : reject(error ?? new Error("no handshake"))),
        data: (_socket, chunk) => data(chunk),
        drain: () => wire.drain(),
        close() {
          reject(new Error("the connection was closed"));
          ended();
        },
        error: () => {},
        connectError: (_socket, error) => reject(error),
      },
    });
    await promise;
    return wire;
  };
}

/** `url` with its path; each write is one message. */
export function webSocket(url: string, protocols: readonly string[] = ["mqtt"]): Dial {
  return ({ data, ended }) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, [...protocols]);
      socket.binaryType = "arraybuffer";
      const wire: Wire & { readonly socket: WebSocket } = {
        socket,
        write: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
        pause: () => {},
        resume: () => {},
        cut: () => socket.close(),
      };
      socket.onopen = () => resolve(wire);
      socket.onerror = () => reject(new Error("no WebSocket"));
      socket.onmessage = ({ data: frame }) => data(new Uint8Array(frame as ArrayBuffer));
      socket.onclose = () => {
        reject(new Error("no WebSocket"));
        ended();
      };
    });
}
