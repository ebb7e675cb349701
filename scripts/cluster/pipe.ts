import type { Socket } from "bun";

/** What one end of a pipe carries as its data: which pipe, and which of its two ends. */
export interface End {
  readonly pipe: Pipe;
  readonly side: "client" | "gateway";
}

interface Side {
  socket: Socket<End> | undefined;
  /** Bytes for this side that its socket did not take yet. The other side is not read from meanwhile. */
  waiting: Buffer;
  /** It sent its end: nothing more comes from it. */
  ended: boolean;
  /** Its connection is closed: nothing more goes to it either. */
  gone: boolean;
}

/**
 * A client's connection and the one to its gateway, joined: bytes as they come, the end of either direction, and resets. Each side is
 * read from only when the other has taken what came before, so that a pipe holds one read's bytes in each direction at most.
 */
export class Pipe {
  readonly #sides = { client: newSide(), gateway: newSide() };
  readonly #over: () => void;
  #isOver = false;

  /** `over` is called once, when both connections are gone. */
  constructor(over: () => void) {
    this.#over = over;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isJoined(): boolean {
    return this.#sides.gateway.socket !== undefined;
  }

  /** The client waits unread until its gateway is there. */
  clientCame(socket: Socket<End>): void {
    this.#sides.client.socket = socket;
    socket.pause();
  }

  gatewayCame(socket: Socket<End>): void {
    if (this.#isOver) return socket.terminate();
    const { client, gateway } = this.#sides;
    gateway.socket = socket;
    this.#pour(gateway, client);
  }

  data(side: End["side"], chunk: Buffer): void {
    const { from, to } = this.#from(side);
    if (to.gone) return;
    if (to.socket !== undefined && to.waiting.length === 0) {
      const taken = Math.max(0, to.socket.write(chunk));
      if (taken === chunk.length) return;
      to.waiting = Buffer.from(chunk.subarray(taken));
    } else to.waiting = Buffer.concat([to.waiting, chunk]);
    from.socket?.pause();
  }

  /** The socket takes bytes again. */
  drain(side: End["side"]): void {
    const { from, to } = this.#from(side);
    this.#pour(from, to);
  }

  end(side: End["side"]): void {
    const { from, to } = this.#from(side);
    from.ended = true;
    if (to.waiting.length === 0) this.#shut(to, from);
  }

  /** A connection that was reset takes the other with it; one that ended in order lets the other have its bytes. */
  closed(side: End["side"], error: Error | undefined): void {
    const { from, to } = this.#from(side);
    from.socket = undefined;
    from.ended = from.gone = true;
    if (to.socket === undefined) return this.#finish();
    if (error !== undefined) return to.socket.terminate();
    if (to.waiting.length === 0) this.#shut(to, from);
    // Its bytes are dropped, but its end must be seen.
    else to.socket.resume();
  }

  /** Both ends at once, as if the gateway's machine had reset them: the client is to connect again. */
  cut(): void {
    const { client, gateway } = this.#sides;
    client.socket?.terminate();
    gateway.socket?.terminate();
    client.socket = gateway.socket = undefined;
    this.#finish();
  }

  /** Writes what waits for `to`; when it is gone, `from` is read again. */
  #pour(to: Side, from: Side): void {
    if (to.socket === undefined) return;
    const taken = to.waiting.length === 0 ? 0 : Math.max(0, to.socket.write(to.waiting));
    to.waiting = to.waiting.subarray(taken);
    if (to.waiting.length > 0) return;
    to.waiting = NOTHING;
    if (from.ended) this.#shut(to, from);
    else from.socket?.resume();
  }

  /** Passes an end on; with the second one the connection is over. */
  #shut(to: Side, from: Side): void {
    if (to.ended || from.gone) to.socket?.end();
    else to.socket?.shutdown();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over();
  }

  #from(side: End["side"]): { readonly from: Side; readonly to: Side } {
    const { client, gateway } = this.#sides;
    return side === "client" ? { from: client, to: gateway } : { from: gateway, to: client };
  }
}

const NOTHING = Buffer.alloc(0);

function newSide(): Side {
  return { socket: undefined, waiting: NOTHING, ended: false, gone: false };
}
