/** Answers that the queue may catch up with at once: a machine that stood still for so many services loses none of them. */
const SPARE = 50;

/**
 * A server of one queue: it answers `perSecond` publishes of Tidegate's JSON a second, one after another, each to its
 * publisher, and no more. What is due is told by the time that has passed, so that a late timer takes nothing from it.
 */
export class QueueServer {
  readonly #server: Bun.Server<undefined>;
  readonly #perMillisecond: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #queue: (() => void)[] = [];
  #head = 0;
  #last = performance.now();
  #due = 0;

  constructor(perSecond: number) {
    this.#perMillisecond = perSecond / 1000;
    this.#server = Bun.serve<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("", { status: 426 })),
      websocket: {
        message: (socket, text) => {
          for (const line of String(text).split("\n")) this.#take(socket, line);
        },
      },
    });
    this.#timer = setInterval(() => this.#serve(), 1);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.port}/ws`;
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    return this.#server.stop(true);
  }

  #take(socket: Bun.ServerWebSocket<undefined>, line: string): void {
    const { id, publish } = JSON.parse(line) as { readonly id?: number; readonly publish?: unknown };
    const answer = (): void =>
      void socket.send(JSON.stringify({ id, [publish === undefined ? "connect" : "publish"]: {} }));
    if (publish === undefined) answer();
    else this.#queue.push(answer);
  }

  #serve(): void {
    const now = performance.now();
    this.#due += (now - this.#last) * this.#perMillisecond;
    this.#last = now;
    for (; this.#due >= 1 && this.#head < this.#queue.length; this.#due--) this.#queue[this.#head++]!();
    if (this.#head < this.#queue.length) return;
    this.#queue.length = this.#head = 0;
    // While there is nothing to do, no work is saved up but for a moment's.
    this.#due = Math.min(this.#due, SPARE);
  }
}
