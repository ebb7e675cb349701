/** What becomes of a delivery. `hold` milliseconds later; `swap`: after the next one to the same client. */
export type Fate = "deliver" | "drop" | "repeat" | "swap" | { readonly hold: number };

/**
 * A room server in the test's own process that speaks Tidegate's JSON, and does to the n-th delivery what `fateOf` says.
 * While it is paused it answers and delivers nothing; then all at once.
 */
export function startFaulty(fateOf: (delivery: number) => Fate): FaultyServer {
  return new FaultyServer(fateOf);
}

interface Client {
  swapped: string | undefined;
}

export class FaultyServer {
  deliveries = 0;
  readonly #fateOf: (delivery: number) => Fate;
  readonly #rooms = new Map<string, Set<Bun.ServerWebSocket<Client>>>();
  readonly #server: Bun.Server<Client>;
  #held: (() => void)[] | undefined;

  constructor(fateOf: (delivery: number) => Fate) {
    this.#fateOf = fateOf;
    this.#server = Bun.serve<Client>({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, server) =>
        server.upgrade(request, { data: { swapped: undefined } }) ? undefined : new Response("", { status: 426 }),
      websocket: {
        message: (socket, text) => {
          for (const line of String(text).split("\n")) this.#take(socket, line);
        },
        close: (socket) => {
          for (const room of this.#rooms.values()) room.delete(socket);
        },
      },
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.port}/ws`;
  }

  pause(): void {
    this.#held = [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  #take(socket: Bun.ServerWebSocket<Client>, line: string): void {
    const command = JSON.parse(line) as Record<string, { topic?: string; data?: unknown }> & { id?: number };
    const { id, subscribe, publish } = command;
    if (subscribe !== undefined) this.#join(socket, String(subscribe.topic));
    const kind = Object.keys(command).find((key) => key !== "id");
    this.#do(() => socket.send(JSON.stringify({ id, [kind ?? "ping"]: {} })));
    if (publish !== undefined) this.#do(() => this.#publish(String(publish.topic), publish.data));
  }

  #join(socket: Bun.ServerWebSocket<Client>, topic: string): void {
    const room = this.#rooms.get(topic) ?? new Set();
    room.add(socket);
    this.#rooms.set(topic, room);
  }

  #do(act: () => void): void {
    if (this.#held === undefined) act();
    else this.#held.push(act);
  }

  #publish(topic: string, data: unknown): void {
    const text = JSON.stringify({ message: { topic, offset: 1, data } });
    for (const socket of this.#rooms.get(topic) ?? []) this.#deliver(socket, text, this.#fateOf(++this.deliveries));
  }

  #deliver(socket: Bun.ServerWebSocket<Client>, text: string, fate: Fate): void {
    if (fate === "drop") return;
    if (fate === "swap") {
      socket.data.swapped = text;
      return;
    }
    if (typeof fate === "object") {
      setTimeout(() => socket.send(text), fate.hold);
      return;
    }
    socket.send(text);
    if (fate === "repeat") socket.send(text);
    if (socket.data.swapped !== undefined) socket.send(socket.data.swapped);
    socket.data.swapped = undefined;
  }
}
