import type { Socket, TCPSocketListener } from "bun";
import type { Backend } from "./backend.ts";
import { type End, Pipe } from "./pipe.ts";
import type { Pool } from "./pool.ts";

export interface BalancerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly pool: Pick<Pool, "candidates" | "failed" | "onGone">;
  /** Port of a gateway that this one stands for; undefined: it has none. */
  readonly portOf: (backend: Backend) => number | undefined;
  /** Connections at a time; more are refused. */
  readonly max?: number;
}

const MAX = 100_000;

/**
 * One TCP port for many gateways: connections go round in turn over those that are ready. It knows no protocol, so that HTTP, WebSocket
 * and MQTT pass. The connections of a gateway that is gone are closed; those of one that drains stay, since it sends its clients away
 * itself.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  readonly #listener: TCPSocketListener<End>;
  /** Open pipes, and whose they are. */
  readonly #pipes = new Map<Pipe, Backend | undefined>();
  /** Connections that were closed because there were too many, or no gateway. */
  refused = 0;

  /** Listens at once. Throws if the port is taken. */
  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#listener = Bun.listen<End>({
      hostname: options.host,
      port: options.port,
      // Without this another program on the same port would share it, and its clients.
      exclusive: true,
      allowHalfOpen: true,
      socket: { ...HANDLERS, open: (socket) => this.#accept(socket) },
    });
    options.pool.onGone((backend) => this.#cut(backend));
  }

  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#pipes.size;
  }

  stop(): void {
    this.#listener.stop();
    for (const pipe of this.#pipes.keys()) pipe.cut();
  }

  #accept(socket: Socket<End>): void {
    if (this.#pipes.size >= (this.#options.max ?? MAX)) {
      this.refused += 1;
      return socket.terminate();
    }
    const pipe = new Pipe(() => this.#pipes.delete(pipe));
    socket.data = { pipe, side: "client" };
    pipe.clientCame(socket);
    this.#pipes.set(pipe, undefined);
    void this.#join(pipe);
  }

  /** Tries one gateway after the other. With none the client's connection is closed: it comes again. */
  async #join(pipe: Pipe): Promise<void> {
    const { pool, portOf } = this.#options;
    for (const backend of pool.candidates()) {
      const port = portOf(backend);
      if (port === undefined || pipe.isOver) continue;
      this.#pipes.set(pipe, backend);
      if (await connect(pipe, backend.host, port)) return;
      if (!pipe.isOver) pool.failed(backend);
    }
    if (!pipe.isOver) this.refused += 1;
    pipe.cut();
  }

  #cut(gone: Backend): void {
    for (const [pipe, backend] of this.#pipes) if (backend === gone && pipe.isJoined) pipe.cut();
  }
}

const HANDLERS = {
  data: ({ data: { pipe, side } }: Socket<End>, chunk: Buffer) => pipe.data(side, chunk),
  drain: ({ data: { pipe, side } }: Socket<End>) => pipe.drain(side),
  end: ({ data: { pipe, side } }: Socket<End>) => pipe.end(side),
  close: ({ data }: Socket<End>, error?: Error) => data?.pipe.closed(data.side, error),
};

async function connect(pipe: Pipe, hostname: string, port: number): Promise<boolean> {
  try {
    await Bun.connect<End>({
      hostname,
      port,
      allowHalfOpen: true,
      data: { pipe, side: "gateway" },
      socket: { ...HANDLERS, open: (socket) => pipe.gatewayCame(socket), connectError: () => {} },
    });
    return true;
  } catch {
    return false;
  }
}
