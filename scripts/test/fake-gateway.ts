import type { Socket } from "bun";
import type { Backend } from "../cluster/backend.ts";

/** Answers probes as it is told, and TCP: with its name to `who`, with zeros to `flood <bytes>`, else with what it gets. */
export class FakeGateway {
  readonly #name: string;
  readonly #probes: Bun.Server<undefined>;
  readonly #tcp: Bun.TCPSocketListener<undefined>;
  readonly #sockets = new Set<Socket>();
  #health: "ready" | "unready" | "draining" | "silent" = "ready";
  /** Zeros that are still to be sent. */
  #left = 0;
  /** Bytes of zeros that the kernel took. */
  sent = 0;
  /** The last of what clients sent. */
  heard = "";
  /** Ends of clients that came. */
  ends = 0;
  /** Whether it goes on sending to a client that has sent its end. */
  staysOpen = false;

  constructor(name: string) {
    this.#name = name;
    this.#probes = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => this.#answer() });
    this.#tcp = Bun.listen<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      allowHalfOpen: true,
      socket: {
        open: (socket) => void this.#sockets.add(socket),
        data: (socket, chunk) => this.#take(socket, String(chunk)),
        drain: (socket) => this.#flood(socket),
        end: (socket) => {
          this.ends += 1;
          if (!this.staysOpen) socket.end();
        },
        close: (socket) => void this.#sockets.delete(socket),
      },
    });
  }

  get backend(): Backend {
    return { name: this.#name, host: "127.0.0.1", http: this.#probes.port ?? 0, mqtt: this.#tcp.port };
  }

  setHealth(health: "ready" | "unready" | "draining" | "silent"): void {
    this.#health = health;
  }

  sendToAll(text: string): void {
    for (const socket of this.#sockets) socket.write(text);
  }

  /** Its end comes to all clients, and it goes on to read. */
  shutDownAll(): void {
    for (const socket of this.#sockets) socket.shutdown();
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** As a kill -9 of its process looks from outside. */
  die(): void {
    this.stop();
  }

  stop(): void {
    void this.#probes.stop(true);
    this.#tcp.stop(true);
    for (const socket of this.#sockets) socket.terminate();
  }

  #answer(): Response | Promise<Response> {
    if (this.#health === "silent") return new Promise(() => {});
    const checks = this.#health === "draining" ? { node: "draining" } : { log: this.#health };
    return Response.json({ checks }, { status: this.#health === "ready" ? 200 : 503 });
  }

  #take(socket: Socket, text: string): void {
    this.heard = (this.heard + text).slice(-100);
    if (text === "who") socket.write(this.#name);
    else if (text.startsWith("flood ")) {
      this.#left = Number(text.slice(6));
      this.#flood(socket);
    } else socket.write(text);
  }

  #flood(socket: Socket): void {
    while (this.#left > 0) {
      const taken = socket.write(ZEROS, 0, Math.min(this.#left, ZEROS.length));
      if (taken <= 0) return;
      this.#left -= taken;
      this.sent += taken;
      if (this.#left === 0) socket.end();
    }
  }
}

const ZEROS = new Uint8Array(64 * 1024);
